// YASGUI as this registry offers it: one endpoint, which is its own; nothing kept, nothing fetched from elsewhere.
"use strict";
(() => {
  const place = document.getElementById("full");
  const { query } = place.dataset;
  const endpoint = new URL(place.dataset.endpoint, document.baseURI).href;
  const prefixes = JSON.parse(place.dataset.prefixes);
  const args = JSON.parse(place.dataset.arguments);
  const { Yasqe, Yasr } = Yasgui;

  // Of its completers two ask lov.linkeddata.es, and one knows the prefixes of prefix.cc: ours knows our own.
  delete Yasqe.Autocompleters.class;
  delete Yasqe.Autocompleters.property;
  Yasqe.forkAutocompleter("prefixes", {
    name: "prefixes",
    persistenceId: null,
    get: () => Object.entries(prefixes).map(([prefix, namespace]) => `${prefix}: <${namespace}>`),
  });
  Yasqe.defaults.autocompleters = ["prefixes", "variables"];
  // Tab leads on, as everywhere: with a keyboard alone nobody would come out of the editor.
  Object.assign(Yasqe.defaults.extraKeys, { Tab: false, "Shift-Tab": false });
  Yasr.plugins.table.defaults.openIriInNewWindow = false;
  // What is shared is the address of the page that needs no scripts.
  Yasgui.Tab.prototype.getShareableLink = function () {
    return `${endpoint}?${new URLSearchParams([["query", this.getQuery()], ...args.map(Object.values)])}`;
  };
  // Its table keeps the widths of columns there: they go with the page.
  Object.defineProperty(window, "sessionStorage", { value: {} });

  // What it draws without a name for those who cannot see it.
  const named = () => {
    for (const field of place.querySelectorAll(":is(input, select, textarea):not([aria-label], label *)")) {
      const label = field.closest(".selector, .requestConfigWrapper, .pageSizeWrapper")?.querySelector("[class*=abel]");
      const name = field.closest(".yasr") ? "Response" : field.closest(".tab") ? "Name" : "Address";
      field.setAttribute("aria-label", label?.textContent ?? name);
    }
    for (const title of place.querySelectorAll("th .dt-column-title:empty")) {
      title.append(Object.assign(document.createElement("span"), { className: "vh", textContent: "Row" }));
    }
    for (const text of place.querySelectorAll(".CodeMirror-scroll")) text.tabIndex = 0; // arrow keys move a long query
    place.querySelector(".addTab")?.setAttribute("role", "tab"); // in a list of tabs there are tabs alone
  };
  new MutationObserver(named).observe(place, { childList: true, subtree: true });

  place.replaceChildren();
  new Yasgui(place, {
    persistenceId: null, // computers are shared: no query and no answer stays in localStorage
    populateFromUrl: false, // or an address could name another endpoint, and headers
    autofocus: false,
    requestConfig: { endpoint, args },
    endpointCatalogueOptions: { getData: () => [], keys: [] },
    yasqe: { value: query, persistenceId: null, screenReaderLabel: "Query" },
    yasr: { persistenceId: null, prefixes },
  });
})();
