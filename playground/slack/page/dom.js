/** Makes an element. Strings become text nodes, so foreign text can never become markup. */
export const h = (tag, props = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(
    ...children.flat(Number.POSITIVE_INFINITY).filter((child) => child !== null && child !== undefined),
  );
  return node;
};

/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/** Asks the control API. Throws with its words when it refuses. */
export const ask = async (command, body = {}) => {
  const response = await fetch(`/_control/${command}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
};

const two = (number) => String(number).padStart(2, "0");

/** A clock time in the reader's zone. */
export const clock = (seconds, withSeconds = false) => {
  const date = new Date(Number(seconds) * 1000);
  const short = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return withSeconds ? `${short}:${two(date.getSeconds())}` : short;
};

const HUES = [222, 160, 28, 340, 190, 270, 95, 5];

/** The coloured tile of a person; the app has its own. */
export const avatar = (id, name, isBot) => {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 9973;
  const tile = h(
    "span",
    { class: isBot ? "avatar app" : "avatar", "aria-hidden": "true" },
    name.slice(0, 1).toUpperCase(),
  );
  tile.style.setProperty("--hue", String(HUES[sum % HUES.length]));
  return tile;
};
