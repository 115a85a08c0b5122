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
  // To the address where they are, but for an anchor, browsers scroll and ask nobody; the same query is asked again here.
  field.form.addEventListener("submit", (event) => {
    if (!document.getElementById("results") || field.value !== field.defaultValue || field.form.elements.as.value) return;
    event.preventDefault();
    location.hash = "results";
    location.reload();
  });
})();
