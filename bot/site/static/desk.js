/* Makes filing a complaint easier on the worker's own phone: keeps a draft when asked, copies the receipt.
   Everything works without this file. Nothing is sent anywhere from here. */
(function () {
  "use strict";

  var PLACE = "gonghui.draft";
  var LASTS = 7 * 24 * 60 * 60 * 1000;
  var NEVER_KEPT = { draft: true, step: true, files: true, agree: true, agree_sensitive: true, pass_to: true };

  function kept() {
    try {
      var draft = JSON.parse(localStorage.getItem(PLACE));
      if (draft && Date.now() - draft.at < LASTS) {
        return draft;
      }
      localStorage.removeItem(PLACE);
    } catch (error) {
      /* a browser that keeps nothing, or something that is not ours */
    }
    return null;
  }

  function forget() {
    try {
      localStorage.removeItem(PLACE);
    } catch (error) {
      /* there is nothing to forget */
    }
  }

  function keep(form) {
    var fields = {};
    new FormData(form).forEach(function (value, name) {
      if (!NEVER_KEPT[name] && typeof value === "string" && value) {
        fields[name] = value;
      }
    });
    try {
      localStorage.setItem(PLACE, JSON.stringify({ at: Date.now(), fields: fields }));
    } catch (error) {
      /* full, or not allowed: the form works all the same */
    }
  }

  function fill(form, fields) {
    Object.keys(fields).forEach(function (name) {
      var field = form.elements[name];
      if (field) {
        field.value = fields[name];
      }
    });
  }

  function canKeep() {
    try {
      localStorage.setItem(PLACE + ".probe", "1");
      localStorage.removeItem(PLACE + ".probe");
      return true;
    } catch (error) {
      return false;
    }
  }

  var form = document.querySelector("[data-draft]");
  var box = document.querySelector("[data-draft-box]");
  if (form && box && canKeep()) {
    var on = box.querySelector("[data-draft-on]");
    var draft = kept();
    box.hidden = false;
    on.checked = draft !== null;
    if (draft && form.hasAttribute("data-fresh")) {
      fill(form, draft.fields);
    }
    on.addEventListener("change", function () {
      if (on.checked) {
        keep(form);
      } else {
        forget();
      }
    });
    form.addEventListener("input", function () {
      if (on.checked) {
        keep(form);
      }
    });
  }

  /* what has been filed is no draft any more */
  if (document.querySelector("[data-filed]")) {
    forget();
  }

  /* the browser's own way back leads to an empty form: go back to what was typed instead, as the button does */
  var check = document.querySelector("[data-check]");
  if (check && history.pushState) {
    history.pushState({ checking: true }, "");
    window.addEventListener("popstate", function () {
      check.querySelector("[data-edit]").click();
    });
  }

  /* another size of type must not cost what was typed: change it without loading the page */
  var size = document.querySelector("[data-size]");
  if (size && window.fetch && (form || check)) {
    size.addEventListener("submit", function (event) {
      var button = event.submitter;
      if (!button) {
        return;
      }
      event.preventDefault();
      var fields = new URLSearchParams({ size: button.value, back: "/" });
      fetch(size.action, { method: "POST", body: fields, credentials: "same-origin", redirect: "manual" }).then(
        function () {
          document.documentElement.classList.toggle("large", button.value === "large");
          size.querySelectorAll("button").forEach(function (one) {
            one.hidden = one === button;
          });
          size.querySelector("button:not([hidden])").focus();
        }
      );
    });
  }

  var copy = document.querySelector("[data-copy]");
  if (copy && navigator.clipboard) {
    copy.hidden = false;
    copy.addEventListener("click", function () {
      var digits = document.querySelector("[data-digits]").textContent.trim();
      navigator.clipboard.writeText(digits).then(function () {
        document.querySelector("[data-copied]").hidden = false;
      });
    });
  }
})();
