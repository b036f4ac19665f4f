import { h } from "./dom.js";

const picture = (one) =>
  h(
    "figure",
    { class: "upload" },
    h("figcaption", {}, one.title),
    h(
      "a",
      { href: one.url, target: "_blank", title: "Open at full size" },
      h("img", { src: one.url, alt: one.alt || one.title }),
    ),
  );

const SHEET = "M4 1.5h5.5L13 5v9.5H4zM9.5 1.5V5H13M6 8h5M6 11h5";

const sheet = () => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", SHEET);
  svg.append(path);
  return svg;
};

const size = (bytes) => (bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(1)} kB`);

const head = (one, more = "") =>
  h(
    "p",
    { class: "file-head" },
    sheet(),
    h("a", { href: one.url, target: "_blank", title: "Open in a tab of its own" }, one.title),
    h("span", { class: "soft" }, `${one.name} · ${size(one.size)}${more}`),
  );

/** The first lines of a file, and the others on demand. */
const text = (one) => {
  const all = h("pre", { class: "file-text", tabindex: "0", role: "region", "aria-label": one.title }, "…");
  let asked = false;
  const read = async () => {
    if (asked) return;
    asked = true;
    const answer = await fetch(one.url);
    all.textContent = answer.ok ? await answer.text() : "It cannot be read.";
  };
  return h(
    "section",
    { class: "file", "aria-label": `File ${one.name}` },
    head(one, ` · ${one.lines} ${one.lines === 1 ? "line" : "lines"}`),
    h("pre", { class: "file-text file-start" }, one.preview),
    h(
      "details",
      { ontoggle: () => void read() },
      h(
        "summary",
        {},
        h("span", { class: "when-shut" }, "Show all of it"),
        h("span", { class: "when-open" }, "Show less"),
      ),
      all,
    ),
  );
};

/** An uploaded file as Slack shows it: pictures, the beginning of texts, a name for all others. */
export const file = (one) => {
  if (one.mimetype.startsWith("image/")) return picture(one);
  return one.preview === null ? h("section", { class: "file" }, head(one)) : text(one);
};
