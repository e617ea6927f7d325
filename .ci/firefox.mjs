// A walk through the built site in Firefox, the engine that the tests do not use: home, a paper, the theme switch, search.
// usage: node firefox.mjs URL        of the home page. Exit 1 when a step fails or the browser reports any error.
import { execFileSync } from "node:child_process";
import puppeteer from "puppeteer-core";

const home = process.argv[2];
const firefox = execFileSync("sh", ["-c", 'echo "${FIREFOX_PATH:-$(command -v firefox-esr || command -v firefox)}"']).toString().trim();
const errors = [];
const browser = await puppeteer.launch({ browser: "firefox", executablePath: firefox, headless: true });
console.log(await browser.version());

async function open(what, go) {
  await go();
  console.log(`  ${what}: ${new URL(page.url()).pathname}`);
}

function require(condition, message) {
  if (!condition) throw new Error(message);
}

const page = await browser.newPage();
try {
  page.setDefaultTimeout(15_000);
  page.on("console", (message) => ["error", "assert"].includes(message.type()) && errors.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => errors.push(`uncaught: ${error.message}`));
  page.on("requestfailed", (request) => errors.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
  page.on("response", (response) => response.status() >= 400 && errors.push(`${response.status()}: ${response.url()}`));
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith("http") && hostname !== "127.0.0.1") errors.push(`another host: ${request.url()}`);
  });
  // A page that breaks its own Content-Security-Policy tells nobody but this event.
  await page.evaluateOnNewDocument(() => addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`)));

  await open("home", () => page.goto(home, { waitUntil: "load" }));

  const paperLink = 'main a[href*="/papers/"]';
  await open("paper", () => Promise.all([page.waitForNavigation(), page.click(paperLink)]));
  const title = await page.$eval("h1", (heading) => heading.textContent.trim());
  require(title, "the paper's page has no title");

  const background = () => page.$eval("body", (body) => getComputedStyle(body).backgroundColor + getComputedStyle(body.parentElement).backgroundColor);
  const before = await background();
  const themeSwitch = await page.waitForSelector("#colours:not([hidden])", { visible: true });
  let after = before;
  for (let click = 0; click < 3 && after === before; click++) {
    await themeSwitch.click();
    after = await background();
  }
  require(after !== before, "the theme switch changes nothing");
  await page.reload({ waitUntil: "load" });
  require((await background()) === after, "the theme switch is forgotten on reload");
  console.log("  theme switch: changes and stays");

  await open("search", () => Promise.all([page.waitForNavigation(), page.click('a[href$="/search/"]')]));
  const input = await page.waitForSelector("main input", { visible: true });
  await input.type(title.match(/[\p{L}]{6,}/u)?.[0] ?? title);
  await page.waitForSelector(`main ${paperLink.replace("main ", "")}`, { visible: true });
  console.log("  search: finds papers");
} catch (error) {
  errors.unshift(`${page.url()}: ${error.message}`);
} finally {
  await browser.close();
}

for (const error of errors) console.error(`error: ${error}`);
process.exitCode = errors.length ? 1 : 0;
