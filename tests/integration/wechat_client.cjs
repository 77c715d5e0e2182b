// Plays WeChat's server against our callback, with cryptography that others wrote.
// usage: node wechat_client.cjs LIBRARY   and a plan on stdin:
//   {"url", "token", "aesKey", "appId", "documents": [...]}
// Prints one JSON object: what the callback answered to each call, checked and decrypted here.
const { createHash, randomInt } = require('crypto');

function cryptographyOf(library, { token, aesKey, appId }) {
  if (library === '@wecom/crypto') {
    const wecom = require('@wecom/crypto');
    return {
      encrypt: (text) => wecom.encrypt(aesKey, text, appId),
      decrypt: (text) => wecom.decrypt(aesKey, text),
      sign: (timestamp, nonce, text) => wecom.getSignature(token, timestamp, nonce, text),
    };
  }
  const WeChatCrypto = require('wechat-crypto');
  const crypto = new WeChatCrypto(token, aesKey, appId);
  return {
    encrypt: (text) => crypto.encrypt(text),
    decrypt: (text) => crypto.decrypt(text),
    sign: (timestamp, nonce, text) => crypto.getSignature(timestamp, nonce, text),
  };
}

const element = (xml, name) => {
  const found = new RegExp(`<${name}>(?:<!\\[CDATA\\[)?([^\\]<]*)(?:\\]\\]>)?</${name}>`).exec(xml);
  return found ? found[1] : '';
};

async function main(library, plan) {
  const { decrypt, sign } = cryptographyOf(library, plan);
  const plainSignature = (timestamp, nonce) =>
    createHash('sha1').update([plan.token, timestamp, nonce].sort().join('')).digest('hex');
  const query = () => {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const nonce = String(randomInt(1e9));
    return { timestamp, nonce, signature: plainSignature(timestamp, nonce) };
  };

  async function push(document, { alter = (text) => text, as = {} } = {}) {
    const sent = query();
    const sender = cryptographyOf(library, { ...plan, ...as });
    const encrypted = sender.encrypt(document);
    const signature = sender.sign(sent.timestamp, sent.nonce, encrypted);
    const search = new URLSearchParams({ ...sent, openid: 'oWorker1', encrypt_type: 'aes', msg_signature: signature });
    const body = `<xml><ToUserName><![CDATA[gh_7f083739789a]]></ToUserName><Encrypt><![CDATA[${alter(encrypted)}]]></Encrypt></xml>`;
    const response = await fetch(`${plan.url}?${search}`, { method: 'POST', headers: { 'content-type': 'text/xml' }, body });
    return { status: response.status, body: await response.text() };
  }

  function opened({ status, body }) {
    const encrypted = element(body, 'Encrypt');
    if (!encrypted) return { status, body };
    const signature = sign(element(body, 'TimeStamp'), element(body, 'Nonce'), encrypted);
    const { message, id } = decrypt(encrypted);
    return { status, signed: signature === element(body, 'MsgSignature'), id, document: message };
  }

  const report = {};
  const verification = new URLSearchParams({ ...query(), echostr: '5935258128547730623' });
  report.verified = await (await fetch(`${plan.url}?${verification}`)).text();
  verification.set('signature', '0'.repeat(40));
  report.notVerified = (await fetch(`${plan.url}?${verification}`)).status;
  report.replies = [];
  for (const document of plan.documents) report.replies.push(opened(await push(document)));
  const [document] = plan.documents;
  const flip = (letter) => (letter === 'A' ? 'B' : 'A');
  const altered = (text) => text.slice(0, 40) + flip(text[40]) + text.slice(41);
  report.tampered = (await push(document, { alter: altered })).status;
  report.wrongToken = (await push(document, { as: { token: 'not-the-token' } })).status;
  report.otherAccount = (await push(document, { as: { appId: 'wxffffffffffffffff' } })).status;
  report.otherKey = (await push(document, { as: { aesKey: 'A'.repeat(43) } })).status;
  console.log(JSON.stringify(report));
}

let input = '';
process.stdin.on('data', (chunk) => { input += chunk; });
process.stdin.on('end', () => main(process.argv[2], JSON.parse(input)).catch((error) => { console.error(error); process.exit(1); }));
