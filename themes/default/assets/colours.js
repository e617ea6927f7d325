// A remembered choice of colours, "" where there is none. Nothing waits for this script; the style sheet shows nothing for
// the moment until the attribute is there, so that no page is drawn in other colours first.
let chosen = "";
try {
  chosen = localStorage.getItem("colours");
} catch {
  // Storage may be switched off: then the system's colours are used.
}
document.documentElement.dataset.colours = ["light", "dark"].includes(chosen) ? chosen : "";
