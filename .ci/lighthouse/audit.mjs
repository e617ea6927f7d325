// Lighthouse on each URL given, the home page first, three times each: the medians must pass the gates.
// The performance score depends on the machine, so what makes a page fast is gated instead.
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const RUNS = 3;
const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];
const score = (category) => (report) => Math.round(report.categories[category].score * 100);
const blockingScripts = (report) =>
  (report.audits["render-blocking-resources"]?.details?.items ?? []).filter(({ url }) => /\.m?js(\?|$)/.test(url)).length;

// [what, its value in a report, may it be this on the page?, the bound in words]
const gates = (url) => {
  const kilobytes = url === home ? 50 : 35;
  return [
    ["accessibility", score("accessibility"), (n) => n === 100, "100"],
    ["best practices", score("best-practices"), (n) => n === 100, "100"],
    ["SEO", score("seo"), (n) => n === 100, "100"],
    ["bytes", (report) => report.audits["total-byte-weight"].numericValue, (n) => n <= kilobytes * 1024, `at most ${kilobytes * 1024}`],
    ["requests", (report) => report.audits["network-requests"].details.items.length, (n) => n <= 10, "at most 10"],
    ["layout shift", (report) => report.audits["cumulative-layout-shift"].numericValue, (n) => n === 0, "0"],
    ["render-blocking scripts", blockingScripts, (n) => n === 0, "0"],
    ["performance", score("performance"), () => true, "for information"],
  ];
};

const explain = (report) => {
  const failing = ["accessibility", "best-practices", "seo"].flatMap((category) =>
    report.categories[category].auditRefs.map(({ id }) => report.audits[id]).filter((audit) => audit.score !== null && audit.score < 1));
  for (const audit of failing) {
    console.log(`  ${audit.id}: ${audit.title}`);
    for (const item of audit.details?.items ?? []) console.log(`    ${item.node?.snippet ?? item.description ?? item.url ?? JSON.stringify(item)}`);
  }
};

const [, , home, ...others] = process.argv;
let failed = false;
for (const url of [home, ...others]) {
  const reports = [];
  for (let run = 0; run < RUNS; run++) {
    const chrome = await launch({ chromeFlags: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
    try {
      const result = await lighthouse(url, { port: chrome.port, output: "json", logLevel: "error" });
      if (result.lhr.runtimeError) throw new Error(result.lhr.runtimeError.message);
      reports.push(result.lhr);
    } finally {
      chrome.kill();
    }
  }
  console.log(`\n${new URL(url).pathname} (median of ${RUNS})`);
  for (const [what, value, passes, bound] of gates(url)) {
    const number = median(reports.map(value));
    const passed = passes(number);
    failed ||= !passed;
    console.log(`  ${passed ? "ok    " : "FAILED"} ${what}: ${Math.round(number * 1000) / 1000} (${bound})`);
  }
  explain(reports[0]);
}
process.exitCode = failed ? 1 : 0;
