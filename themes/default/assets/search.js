// The search page: Pagefind's own components, with the query and the filters kept in the address.

const place = document.getElementById("search");
const bundle = place.dataset.bundle;

function tell(text) {
  const note = document.createElement("p");
  note.className = "banner";
  note.setAttribute("role", "status");
  note.textContent = text;
  place.replaceChildren(note);
}

function element(name, attributes = {}) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function loaded(node) {
  return new Promise((resolve, reject) => {
    node.addEventListener("load", resolve);
    node.addEventListener("error", reject);
    document.head.append(node);
  });
}

const FILTERS = ["tag", "year"];

// What the address asks for: ?q=words&tag=honesty&tag=survey&year=2024
function asked() {
  const query = new URLSearchParams(location.search);
  const filters = {};
  for (const name of FILTERS) if (query.has(name)) filters[name] = query.getAll(name);
  return { term: query.get("q") ?? "", filters };
}

function addressOf(term, filters) {
  const query = new URLSearchParams();
  if (term) query.set("q", term);
  for (const name of FILTERS) for (const value of filters?.[name] ?? []) query.append(name, value);
  const text = query.toString();
  return location.pathname + (text ? `?${text}` : "");
}

try {
  await Promise.all([
    loaded(element("link", { rel: "stylesheet", href: `${bundle}pagefind-component-ui.css` })),
    loaded(element("script", { src: `${bundle}pagefind-component-ui.js` })),
  ]);
  const instance = window.PagefindComponents.getInstanceManager().getInstance("default", { bundlePath: bundle });
  const side = element("div", { class: "search-side" });
  // On a narrow screen the filters stand above the results, so they start folded.
  const folded = !matchMedia("(min-width: 48rem)").matches;
  side.append(element("pagefind-filter-pane", { sort: "alphabetical", ...(folded ? {} : { expanded: "" }) }));
  const main = element("div", { class: "search-main" });
  main.append(element("pagefind-summary"), element("pagefind-results", { "hide-sub-results": "" }));
  const both = element("div", { class: "search-columns" });
  both.append(side, main);
  place.replaceChildren(
    element("pagefind-config", { "bundle-path": bundle, "base-url": place.dataset.base }),
    element("pagefind-input", { placeholder: "Words, names, tags", autofocus: "" }),
    both,
  );
  instance.on("search", (term, filters) => history.replaceState(null, "", addressOf(term, filters)));
  instance.on("error", () => tell("The search index could not be read. Try again later, or use the lists below."));
  const wanted = asked();
  await instance.triggerLoad();
  const field = place.querySelector("input");
  field?.focus();
  if (wanted.term || Object.keys(wanted.filters).length) {
    if (field) field.value = wanted.term;
    instance.triggerSearchWithFilters(wanted.term, wanted.filters);
  }
} catch {
  tell("This site was built without a search index. Every paper can be found in the lists below.");
}
