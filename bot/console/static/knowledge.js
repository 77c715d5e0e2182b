// Niceties only: without this file the preview is made by its button.
(() => {
  "use strict";

  const form = document.querySelector("form[data-preview]");
  const pane = document.querySelector("[data-preview-pane]");
  if (!form || !pane) return;

  const WAIT = 900;
  let asked = 0;
  let timer;

  // The page within the preview stays where it was scrolled to.
  const show = (html) => {
    const before = pane.querySelector("[data-page]");
    const top = before?.contentDocument?.scrollingElement?.scrollTop ?? 0;
    pane.innerHTML = html;
    const page = pane.querySelector("[data-page]");
    page?.addEventListener("load", () => page.contentDocument?.scrollingElement?.scrollTo(0, top), { once: true });
  };

  const look = () => {
    const mine = ++asked;
    pane.setAttribute("aria-busy", "true");
    fetch(form.dataset.preview, {
      method: "POST",
      body: new FormData(form),
      headers: { "x-gonghui": "part" },
      redirect: "error",
    })
      .then((response) => (response.ok ? response.text() : Promise.reject(response)))
      .then((html) => mine === asked && show(html))
      .catch(() => undefined)
      .finally(() => mine === asked && pane.removeAttribute("aria-busy"));
  };

  form.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(look, WAIT);
  });

  // The button shows the preview where it is, and leads there on a phone.
  form.querySelector("[data-looks-at]")?.addEventListener("click", (event) => {
    event.preventDefault();
    window.clearTimeout(timer);
    look();
    pane.focus();
    pane.scrollIntoView({ block: "start" });
  });
})();
