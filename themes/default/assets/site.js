// What every page has: the switch of colours, and the keys that lead to the search.

const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");
const button = document.getElementById("colours");

const isDark = () => (root.dataset.colours || (system.matches ? "dark" : "light")) === "dark";

function remember(choice) {
  try {
    if (choice) localStorage.setItem("colours", choice);
    else localStorage.removeItem("colours");
  } catch {
    // Not remembered where storage is switched off; the page itself still changes.
  }
}

function label() {
  button.querySelector("span").textContent = isDark() ? "Switch to light colours" : "Switch to dark colours";
}

if (button) {
  button.hidden = false;
  label();
  button.addEventListener("click", () => {
    const wanted = isDark() ? "light" : "dark";
    // Back to what the system says: follow it again.
    root.dataset.colours = (wanted === "dark") === system.matches ? "" : wanted;
    remember(root.dataset.colours);
    label();
  });
  system.addEventListener("change", label);
}

// A formula wider than the page scrolls by itself, which must be possible with keys in every browser.
const wide = new ResizeObserver((changes) => {
  for (const { target } of changes) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
for (const part of document.querySelectorAll('main math[display="block"]')) wide.observe(part);

// What can be copied gets a button, and what the button did is said aloud.
const copied = document.createElement("p");
copied.className = "hidden";
copied.setAttribute("role", "status");

async function copy(part) {
  const text = part.firstElementChild.textContent;
  try {
    await navigator.clipboard.writeText(text);
    return `Copied the ${part.dataset.copy}`;
  } catch {
    // Without leave, or on a page that is not secure: mark it, so that the reader's own keys can copy it.
    getSelection().selectAllChildren(part.firstElementChild);
    return `Marked the ${part.dataset.copy}: copy it with your keys`;
  }
}

for (const part of document.querySelectorAll("[data-copy]")) {
  const copier = document.createElement("button");
  copier.type = "button";
  copier.className = "copy";
  copier.textContent = "Copy";
  copier.setAttribute("aria-label", `Copy the ${part.dataset.copy}`);
  copier.addEventListener("click", async () => {
    copied.textContent = "";
    copied.textContent = await copy(part);
    copier.textContent = copied.textContent.startsWith("Copied") ? "Copied" : "Marked";
    setTimeout(() => (copier.textContent = "Copy"), 2000);
  });
  part.append(copier);
  document.body.append(copied);
}

const search = document.getElementById("search-link");

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing;
  const control = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  if (!slash && !control) return;
  const field = document.querySelector("#search input, input#q");
  if (!field && !search) return;
  event.preventDefault();
  if (field) field.focus();
  else location.assign(search.href);
});
