// Enhancements of the desk's forms; everything works without them. Nothing typed is kept in the browser: computers
// in ministries are shared.
"use strict";
(() => {
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();

  // A filter above a long list of answers: what is ticked stays in sight, and so does what it lies within.
  for (const filter of document.querySelectorAll(".filter")) {
    const list = filter.nextElementSibling;
    const items = [...list.querySelectorAll("li")].map((item) => [item, fold(item.textContent), item.querySelector("input")]);
    filter.hidden = false;
    filter.querySelector("input").addEventListener("input", (event) => {
      const wanted = fold(event.target.value.trim());
      for (const [item, text, input] of items) item.hidden = !text.includes(wanted) && !input.checked;
      for (const heading of list.querySelectorAll(".scheme")) heading.hidden = !heading.nextElementSibling.querySelector("li:not([hidden])");
    });
    filter.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  }

  // How many characters are left, from the last fifth on; nobody is cut off.
  const words = document.querySelector(".fields")?.dataset;
  const number = new Intl.NumberFormat(document.documentElement.lang);
  for (const input of document.querySelectorAll("[data-max]")) {
    const told = document.createElement("p");
    told.className = "left";
    told.setAttribute("aria-live", "polite");
    input.after(told);
    const count = () => {
      const left = Number(input.dataset.max) - [...input.value].length;
      const said = left < 0 ? words.over : words.left;
      told.textContent = left * 5 < Number(input.dataset.max) ? said.replace("#", number.format(Math.abs(left))) : "";
      told.classList.toggle("over", left < 0);
    };
    input.addEventListener("input", count);
    count();
  }

  // A file that is too large is told of before it is sent over a slow link.
  for (const input of document.querySelectorAll("[data-largest]")) {
    const told = document.createElement("p");
    told.className = "left over";
    told.setAttribute("aria-live", "polite");
    input.after(told);
    input.addEventListener("change", () => {
      const over = [...input.files].some((file) => file.size > Number(input.dataset.largest));
      told.textContent = over ? input.dataset.over : "";
      if (over) input.value = "";
    });
  }

  // Leaving with text that was not sent asks first.
  for (const form of document.querySelectorAll("form[method=post]")) {
    if (!form.querySelector(".fields")) continue;
    let unsent = false;
    form.addEventListener("input", () => { unsent = true; });
    form.addEventListener("submit", () => { unsent = false; });
    window.addEventListener("beforeunload", (event) => { if (unsent) event.preventDefault(); });
  }

  const summary = document.querySelector(".summary[autofocus]");
  if (summary) summary.focus();
})();
