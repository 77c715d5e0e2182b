/* Makes forms answer without loading a page. Everything works without this file as well:
   whenever something unexpected happens here, the form is sent in the ordinary way. */
(function () {
  "use strict";

  if (!window.fetch || !window.URLSearchParams || !document.createElement("template").content) {
    return;
  }

  var pressed = null;

  document.addEventListener("click", function (event) {
    pressed = event.target.closest ? event.target.closest("button") : null;
  });

  document.addEventListener("submit", function (event) {
    var form = event.target;
    var button = event.submitter || (pressed && pressed.form === form ? pressed : null);
    pressed = null;
    if (form.hasAttribute("data-say")) {
      event.preventDefault();
      say(form, button);
    } else if (form.hasAttribute("data-entry-vote")) {
      event.preventDefault();
      vote(form, button);
    } else if (form.hasAttribute("data-busy")) {
      once(event, form);
    }
  });

  /* a second tap on a slow line must not ask a second time */
  function once(event, form) {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
  }

  /* a page that the browser kept while another one was shown may be used again */
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("[data-sent]").forEach(function (form) {
      delete form.dataset.sent;
    });
  });

  function fieldsOf(form, button) {
    var fields = new URLSearchParams(new FormData(form));
    if (button && button.name) {
      fields.append(button.name, button.value);
    }
    return fields;
  }

  function fetchPart(form, fields) {
    var headers = { "X-Fragment": "1", Accept: "text/html" };
    return fetch(form.action, { method: "POST", body: fields, headers: headers, credentials: "same-origin" })
      .then(function (response) {
        if (!response.headers.get("X-Fragment")) {
          throw new Error("not a part of a page");
        }
        return response.text();
      })
      .then(function (html) {
        var template = document.createElement("template");
        template.innerHTML = html;
        return template.content.firstElementChild;
      });
  }

  function sendWhole(form, fields) {
    fields.forEach(function (value, name) {
      var field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      field.value = value;
      form.querySelectorAll('[name="' + name + '"]').forEach(function (old) {
        old.disabled = true;
      });
      form.appendChild(field);
    });
    form.submit();
  }

  /* ---- conversation ---- */

  var turns = document.querySelector("[data-turns]");
  var composer = document.querySelector("[data-composer]");
  var waiting = false;

  function say(form, button) {
    if (waiting) {
      return;
    }
    var fields = fieldsOf(form, button);
    var said = fields.get("pick") ? button.lastElementChild || button : form.elements.q;
    var words = (said.value || said.textContent || "").trim();
    if (!fields.get("pick") && !words) {
      return;
    }
    var pending = document.querySelector("[data-pending]").content.firstElementChild.cloneNode(true);
    pending.querySelector(".said p").textContent = words;
    turns.appendChild(pending);
    show(pending);
    waiting = true;
    fetchPart(form, fields)
      .then(function (turn) {
        waiting = false;
        turns.querySelectorAll("[data-vote]").forEach(function (old) {
          old.remove();
        });
        turns.querySelectorAll("#latest").forEach(function (old) {
          old.removeAttribute("id");
        });
        turns.replaceChild(turn, pending);
        settle(turn);
        if (form === composer) {
          form.reset();
          grow(form.elements.q);
        }
        document.querySelectorAll('input[name="key"]').forEach(function (field) {
          field.value = turn.dataset.key;
        });
        document.querySelectorAll("[data-clear]").forEach(function (clear) {
          clear.hidden = false;
        });
        show(turn);
        if (form !== composer && document.activeElement === document.body) {
          composer.elements.q.focus({ preventScroll: true });
        }
      })
      .catch(function () {
        waiting = false;
        sendWhole(form, fields);
      });
  }

  /* The second click of a double click must not hit a link of an answer that came between the two. */
  function settle(turn) {
    turn.style.pointerEvents = "none";
    window.setTimeout(function () {
      turn.style.pointerEvents = "";
    }, 500);
  }

  function show(turn) {
    turn.scrollIntoView({ block: "start" });
  }

  function grow(field) {
    field.style.height = "auto";
    field.style.height = field.scrollHeight + 2 + "px";
  }

  if (composer) {
    var field = composer.elements.q;
    field.addEventListener("input", function () {
      grow(field);
    });
    /* with a keyboard Enter sends; on a phone it begins a new line; while a word is being chosen it does neither */
    if (window.matchMedia("(pointer: fine)").matches) {
      field.addEventListener("keydown", function (event) {
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
          event.preventDefault();
          if (composer.requestSubmit) {
            composer.requestSubmit();
          } else {
            composer.querySelector("button").click();
          }
        }
      });
    }
  }

  /* ---- the verdict on an entry ---- */

  function vote(form, button) {
    var fields = fieldsOf(form, button);
    fetchPart(form, fields)
      .then(function (thanks) {
        var box = form.closest("[data-vote-box]");
        box.parentNode.replaceChild(thanks, box);
        thanks.tabIndex = -1;
        thanks.focus({ preventScroll: true });
      })
      .catch(function () {
        sendWhole(form, fields);
      });
  }
})();
