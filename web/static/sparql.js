// The editor of queries: Ctrl + Enter asks, Tab stays what it is. Without scripts there is the button.
"use strict";
(() => {
  const field = document.querySelector("textarea[data-hint]");
  if (!field) return;
  const hint = document.createElement("p");
  hint.className = "note";
  hint.textContent = field.dataset.hint;
  field.after(hint);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      field.form.requestSubmit();
    }
  });
})();
