// The editor of posts: preview, counters and findings follow what is typed. Every page works without this file.
(() => {
  "use strict";

  const editor = document.querySelector("form[data-editor]");
  if (!editor) return;
  const frame = editor.querySelector("iframe[name='preview-frame']");
  const choice = editor.querySelector("[data-preview-choice]");
  const cover = document.getElementById("cover-shown");
  const PAUSE = 600;
  let asked = 0;
  let timer = 0;

  // In a new post nothing is found fault with before somebody has been at its field.
  const fresh = "fresh" in editor.dataset;
  const touched = new Set();
  const PLACES = { cover_line_1: "cover", cover_line_2: "cover", tone: "cover", first_month: "season", first_day: "season", last_month: "season", last_day: "season" };
  const touch = (field) => touched.add(PLACES[field.name] || field.name.replace(/^variant\./, "variants."));
  const make = (tag, className, text) => {
    const made = document.createElement(tag);
    made.className = className;
    made.textContent = text;
    return made;
  };

  // The page in the frame is kept and its content replaced: it stays where it was scrolled to, and Back leads back.
  const showFrame = (html) => {
    const shown = frame.contentDocument;
    if (!shown || !shown.documentElement) return;
    const top = frame.contentWindow.scrollY;
    shown.documentElement.innerHTML = html; // read by the frame's document, so that the frame's policy holds for it
    frame.contentWindow.scrollTo(0, top);
  };

  const showFindings = (fields) => {
    editor.querySelectorAll(".found[data-where]").forEach((place) => {
      if (fresh && !touched.has(place.dataset.where)) return;
      const found = fields[place.dataset.where] || [];
      place.replaceChildren(...found.map((one) => make("div", one.error ? "found-error" : "found-warning", one.text)));
    });
  };

  const showTallies = (tallies) => {
    editor.querySelectorAll("[data-tally]").forEach((place) => {
      const parts = tallies[place.dataset.tally] || [];
      place.replaceChildren(
        ...parts.map((one) =>
          make("span", one.over ? "tally tally-over" : "tally", `${one.name} ${one.count}${one.limit ? ` / ${one.limit}` : ""}`),
        ),
      );
    });
  };

  const showCover = (query) => {
    if (editor.elements.namedItem("cover_image").value && !isCoverDropped()) return;
    cover.hidden = !query;
    if (query) cover.src = `${editor.dataset.cover}?${query}`;
  };

  const isCoverDropped = () => {
    const drop = editor.querySelector("[data-drops-cover]");
    return Boolean(drop && drop.checked);
  };

  const offerTicked = () => {
    const ticked = [...editor.querySelectorAll("[data-channel]:checked")];
    const chosen = choice.value;
    const others = [...choice.options].filter((option) => option.value.startsWith("notice:"));
    const offered = ticked.map((box) => new Option(box.dataset.name, box.value));
    choice.replaceChildren(...offered, ...others);
    if ([...choice.options].some((option) => option.value === chosen)) choice.value = chosen;
  };

  const look = () => {
    const mine = ++asked;
    const body = new FormData(editor);
    body.delete("file");
    return fetch(editor.dataset.preview, { method: "POST", body, headers: { "x-gonghui": "part" }, redirect: "error" })
      .then((response) => (response.ok ? response.json() : Promise.reject(response)))
      .then((said) => {
        if (mine !== asked) return;
        showFrame(said.frame);
        showFindings(said.fields);
        showTallies(said.tallies);
        showCover(said.cover);
        if (!fresh) editor.querySelector("[data-summary]").textContent = said.summary;
      })
      .catch(() => undefined);
  };

  const soon = () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(look, PAUSE);
  };

  editor.addEventListener("input", (event) => {
    touch(event.target);
    if (event.target.type !== "file") soon();
  });
  editor.addEventListener("change", (event) => {
    touch(event.target);
    if (event.target.matches("[data-channel]")) offerTicked();
    if (event.target.type !== "file") soon();
  });
  editor.querySelector("[data-previews]").addEventListener("click", (event) => {
    event.preventDefault();
    look().then(() => {
      if (window.matchMedia("(max-width: 1199.98px)").matches) frame.scrollIntoView({ block: "nearest" });
    });
  });

  // A picture is sent by itself: what is being written stays in the page.
  const put = (said, where) => {
    if (where === "cover") {
      editor.elements.namedItem("cover_image").value = said.digest;
      const drop = editor.querySelector("[data-drops-cover]");
      if (drop) drop.checked = false;
      cover.hidden = false;
      cover.src = said.address;
    } else {
      const body = editor.elements.namedItem("body");
      const at = body.selectionEnd;
      const before = body.value.slice(0, at).replace(/\n*$/, "");
      const line = `${before ? "\n\n" : ""}${said.line}\n\n`;
      body.value = before + line + body.value.slice(at).replace(/^\n*/, "");
      const list = editor.querySelector("[data-pictures]");
      const shown = make("figure", "upload-one", "");
      const picture = document.createElement("img");
      picture.src = said.address;
      picture.alt = `${list.dataset.alt} ${list.children.length + 1}`;
      shown.append(picture);
      list.append(shown);
      body.focus();
      const mark = said.line.indexOf("[") + 1;
      const start = before.length + (before ? 2 : 0) + mark;
      body.setSelectionRange(start, start + said.line.indexOf("]") - mark);
    }
    look();
  };

  editor.addEventListener("click", (event) => {
    const button = event.target.closest("[data-uploads]");
    const file = editor.elements.namedItem("file");
    if (!button || !file.files.length) return;
    event.preventDefault();
    const problem = editor.querySelector("[data-upload-problem]");
    const body = new FormData();
    body.set("csrftoken", editor.elements.namedItem("csrftoken").value);
    body.set("file", file.files[0]);
    problem.hidden = true;
    button.disabled = true;
    fetch(editor.dataset.upload, { method: "POST", body, redirect: "error" })
      .then((response) => response.json())
      .then((said) => {
        if (said.problem) throw new Error(said.problem);
        put(said, button.dataset.uploads);
        file.value = "";
      })
      .catch((error) => {
        problem.textContent = error instanceof SyntaxError || error instanceof TypeError ? problem.dataset.otherwise : error.message;
        problem.hidden = false;
      })
      .finally(() => (button.disabled = false));
  });

  offerTicked();
  const begin = () => !fresh && look();
  const there = frame.contentDocument;
  if (there && there.readyState === "complete" && there.URL !== "about:blank") begin();
  else frame.addEventListener("load", begin, { once: true });
})();
