"""How an article looks. WeChat keeps inline styles only: these rules are written into every element they match.

A phone in the hand: 16 px, lines 1.75 apart, one red. Every pair of colours used for text has contrast AA.
"""

ARTICLE = """
.article { font-size: 16px; line-height: 1.75; color: #2b2420; letter-spacing: 0.3px; text-align: left;
  overflow-wrap: break-word; padding: 0 2px; }
.article p { margin: 0 0 16px; font-size: 16px; line-height: 1.75; }
.article h2 { margin: 30px 0 14px; padding: 0 0 0 10px; border-left: 4px solid #9b1c20; font-size: 18px;
  line-height: 1.4; font-weight: bold; color: #9b1c20; text-align: left; }
.article h3 { margin: 22px 0 10px; font-size: 16px; line-height: 1.5; font-weight: bold; color: #2b2420;
  text-align: left; }
.article ul, .article ol { margin: 0 0 16px; padding: 0 0 0 24px; font-size: 16px; }
.article li { margin: 0 0 8px; line-height: 1.75; }
.article li p { margin: 0 0 6px; }
.article strong { font-weight: bold; color: #7e1317; }
.article a { color: #1457a8; }
.article blockquote { margin: 0 0 16px; padding: 12px 14px 2px; border-left: 3px solid #d0a58f; background: #faf4ef;
  color: #4a423b; }
.article blockquote p { margin: 0 0 10px; }
.article pre { margin: 0 0 16px; padding: 12px 14px; background: #f5f1ec; white-space: pre-wrap; font-size: 15px; }
.article hr { margin: 24px 0; border: 0; border-top: 1px solid #e3dcd2; }
.article img { display: block; margin: 0 auto 16px; max-width: 100%; }
.article table { width: 100%; margin: 0 0 16px; border-collapse: collapse; font-size: 15px; line-height: 1.6; }
.article th { padding: 7px 8px; border: 1px solid #e3dcd2; background: #faf4ef; font-weight: bold; text-align: left; }
.article td { padding: 7px 8px; border: 1px solid #e3dcd2; text-align: left; }
.article .basis { margin: 32px 0 0; padding: 14px 16px 8px; border-radius: 8px; background: #faf4ef;
  text-align: left; }
.article .basis .head { margin: 0 0 6px; font-size: 15px; font-weight: bold; color: #9b1c20; }
.article .basis .law { margin: 0 0 6px; font-size: 14px; line-height: 1.65; color: #4a423b; }
.article .basis .until { margin: 8px 0 6px; padding: 8px 0 0; border-top: 1px solid #ead9cd; font-size: 13px;
  line-height: 1.6; color: #5d554d; }
.article .foot { margin: 24px 0 8px; padding: 18px 16px 12px; border-radius: 8px; background: #9b1c20; color: #ffffff;
  text-align: center; }
.article .foot .call { margin: 0 0 2px; font-size: 15px; line-height: 1.6; color: #ffffff; }
.article .foot .number { margin: 0 0 4px; font-size: 28px; line-height: 1.4; font-weight: bold; letter-spacing: 2px;
  color: #ffffff; }
.article .foot .ask { margin: 0 0 6px; font-size: 14px; line-height: 1.6; color: #ffe9d6; }
.article .more { margin: 14px 0 8px; font-size: 14px; line-height: 1.6; color: #5d554d; text-align: center; }
"""

PREVIEW = """
body { margin: 0; background: #ededed; color: #1a1a1a;
  font: 16px/1.6 "PingFang SC", "HarmonyOS Sans SC", MiSans, "Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei",
  sans-serif; -webkit-text-size-adjust: 100%; }
.card { margin: 12px; background: #fff; border-radius: 6px; overflow: hidden; }
.card img { display: block; width: 100%; aspect-ratio: 2.35; object-fit: cover; background: #ddd; }
.card p { margin: 0; padding: 12px 14px 14px; font-size: 17px; line-height: 1.4; }
.card .digest { padding: 0 14px 14px; margin-top: -6px; font-size: 14px; color: #666; }
.page { background: #fff; padding: 20px 16px 28px; max-width: 677px; margin: 0 auto; overflow-wrap: break-word; }
.page h1 { margin: 0 0 14px; font-size: 22px; line-height: 1.4; font-weight: 500; }
.page .by { margin: 0 0 22px; font-size: 15px; color: #767676; }
.page .original { margin: 24px 0 0; font-size: 15px; }
.page .original a { color: #576b95; text-decoration: none; }
.page img { height: auto; }
"""
"""Around the article as WeChat's app shows it: the card in the list of messages, then the page."""
