// Suggestions while somebody types in the search field; without scripts the field is a field like any other.
// After https://www.w3.org/WAI/ARIA/apg/patterns/combobox/ (list autocomplete with manual selection).
"use strict";
(() => {
  const PAUSE = 200;
  for (const input of document.querySelectorAll("input[data-suggestions]")) {
    const list = document.createElement("ul");
    list.id = `${input.id}-suggestions`;
    list.className = "suggestions";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.dataset.list);
    const told = document.createElement("p");
    told.className = "vh";
    told.setAttribute("role", "status");
    input.parentElement.append(list, told);
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", list.id]]) {
      input.setAttribute(name, value);
    }

    const number = new Intl.NumberFormat(document.documentElement.lang);
    let at = -1, waiting, asking;

    const close = () => {
      clearTimeout(waiting);
      if (asking) asking.abort();
      at = -1;
      list.hidden = true;
      list.replaceChildren();
      told.textContent = "";
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const point = (place) => {
      at = place;
      [...list.children].forEach((item, n) => item.setAttribute("aria-selected", String(n === at)));
      if (at < 0) { input.removeAttribute("aria-activedescendant"); return; }
      input.setAttribute("aria-activedescendant", list.children[at].id);
      list.children[at].scrollIntoView({ block: "nearest" });
    };
    const take = (item) => {
      input.value = item.textContent;
      close();
      input.form.requestSubmit();
    };
    const show = (found) => {
      list.replaceChildren(...found.map((text, n) => {
        const item = document.createElement("li");
        item.id = `${list.id}-${n}`;
        item.dir = "auto";
        item.textContent = text;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        return item;
      }));
      list.hidden = !found.length;
      input.setAttribute("aria-expanded", String(!list.hidden));
      told.textContent = found.length ? input.dataset.count.replace("#", number.format(found.length)) : "";
      point(-1);
    };
    const ask = async () => {
      const typed = input.value.trim();
      if (asking) asking.abort();
      if (typed.length < 2 && !/\p{Script=Han}/u.test(typed)) { close(); return; }
      const mine = asking = new AbortController();
      try {
        const lang = document.documentElement.lang;
        const got = await fetch(`${input.dataset.suggestions}?${new URLSearchParams({ q: typed, lang })}`, { signal: mine.signal });
        const found = got.ok ? await got.json() : [];
        if (mine === asking && document.activeElement === input) show(found);
      } catch {
        // a field without suggestions is still a field
      }
    };

    input.addEventListener("input", (event) => {
      clearTimeout(waiting);
      if (!event.isComposing) waiting = setTimeout(ask, PAUSE);
    });
    input.addEventListener("compositionend", () => { clearTimeout(waiting); waiting = setTimeout(ask, PAUSE); });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing || list.hidden) return;
      const last = list.children.length - 1;
      if (event.key === "ArrowDown") point(at < last ? at + 1 : -1);
      else if (event.key === "ArrowUp") point(at < 0 ? last : at - 1);
      else if (event.key === "Escape") close();
      else if (event.key === "Enter" && at >= 0) take(list.children[at]);
      else return;
      event.preventDefault();
    });
    list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
    list.addEventListener("click", (event) => {
      const item = event.target.closest("li");
      if (item) take(item);
    });
    input.addEventListener("blur", close);
    input.form.addEventListener("formdata", ({ formData }) => { // an address without fields that say nothing
      for (const name of new Set(formData.keys())) {
        const filled = formData.getAll(name).filter(Boolean);
        formData.delete(name);
        for (const value of filled) formData.append(name, value);
      }
    });
  }
})();
