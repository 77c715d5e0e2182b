// Niceties only: every page works without this file.
(() => {
  "use strict";

  // A template text fills the field that it belongs to, after asking where something was written already.
  document.addEventListener("change", (event) => {
    const choice = event.target;
    if (!(choice instanceof HTMLSelectElement) || !choice.dataset.fills) return;
    const field = choice.form.elements.namedItem(choice.dataset.fills);
    const text = choice.selectedOptions[0].dataset.text;
    if (!text || !field) return;
    if (field.value.trim() && field.value !== choice.dataset.last && !window.confirm(choice.dataset.asks)) return;
    field.value = text;
    choice.dataset.last = text;
    field.focus();
  });

  // Pressing twice must not send twice.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || (event.submitter && event.submitter.formTarget)) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    if (form.dataset.asks && !window.confirm(form.dataset.asks)) {
      event.preventDefault();
      return;
    }
    if ("again" in form.dataset) return; // a download leaves the page as it is
    form.dataset.sent = "1";
    window.setTimeout(() => delete form.dataset.sent, 8000);
  });

  // Leaving a page with something written asks first.
  let written = false;
  document.addEventListener("input", (event) => {
    if (event.target instanceof HTMLTextAreaElement) written = true;
  });
  document.addEventListener("submit", (event) => {
    if (!event.submitter || !event.submitter.formTarget) written = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (written) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    if (button && button.dataset.act === "print") window.print();
  });

  // Copying a part of a pack; the buttons show only where that can be done.
  for (const button of document.querySelectorAll("[data-copies]")) {
    if (!navigator.clipboard) break;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const field = document.getElementById(button.dataset.copies);
      await navigator.clipboard.writeText(field.value);
      const said = button.textContent;
      button.textContent = "已复制";
      window.setTimeout(() => (button.textContent = said), 1500);
    });
  }

  // Coming back with the Back button after signing out must show nothing.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) window.location.reload();
  });

  // Typing is being there: the session must not end in the middle of a sentence.
  const alive = document.body.dataset.alive;
  let last = Date.now();
  if (alive) {
    document.addEventListener("input", () => {
      if (Date.now() - last < 60000) return;
      last = Date.now();
      fetch(alive, { credentials: "same-origin" }).catch(() => undefined);
    });
  }

  // The form of a call: answers are looked up without leaving the page, Enter never registers half a call.
  const call = document.querySelector("form[data-call]");
  if (call) {
    const question = call.querySelector("[data-question]");
    const answer = call.querySelector("[data-answer]");
    let asked = 0;
    const show = (html) => {
      answer.innerHTML = html;
      const found = answer.querySelector("[data-found]");
      if (!found || !found.dataset.topic) return;
      call.querySelector("input[data-topic]").value = found.dataset.topic;
      const category = call.elements.namedItem("category");
      if (!category.value && found.dataset.category) category.value = found.dataset.category;
    };
    const look = (topic) => {
      const mine = ++asked;
      const body = new FormData();
      body.set("csrftoken", call.elements.namedItem("csrftoken").value);
      body.set("question", question.value);
      if (topic) body.set("topic_asked", topic);
      answer.setAttribute("aria-busy", "true");
      return fetch(call.dataset.look, { method: "POST", body, headers: { "x-gonghui": "part" }, redirect: "error" })
        .then((response) => (response.ok ? response.text() : Promise.reject(response)))
        .then((html) => mine === asked && show(html))
        .finally(() => answer.removeAttribute("aria-busy"));
    };
    call.addEventListener("click", (event) => {
      const button = event.target.closest("[data-looks]");
      if (!button) return;
      event.preventDefault();
      look(button.value).catch(() => HTMLFormElement.prototype.submit.call(withAction(button)));
    });
    // without an answer in time the page itself is sent, with everything that was typed
    const withAction = (button) => {
      if (button.name) {
        const field = document.createElement("input");
        field.type = "hidden";
        field.name = button.name;
        field.value = button.value;
        call.append(field);
      }
      call.action = call.dataset.look;
      written = false;
      return call;
    };
    call.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        call.requestSubmit(call.querySelector("[data-saves]"));
      } else if (event.target instanceof HTMLInputElement) {
        event.preventDefault();
        if (event.target === question) call.querySelector("button[data-looks]").click();
      }
    });
    document.addEventListener("keydown", (event) => {
      if (event.altKey && event.code === "KeyQ") {
        event.preventDefault();
        question.focus();
        question.select();
      }
    });
  }

  // Choosing a filter shows its result at once.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-sends]")) event.target.form.requestSubmit();
  });
})();
