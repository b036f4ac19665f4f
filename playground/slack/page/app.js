import { composer } from "./composer.js";
import { syncModal } from "./dialogs.js";
import { ask, avatar, byId, h } from "./dom.js";
import { learnNames, syncMessages } from "./messages.js";

const app = byId("app");
const people = await ask("people");
learnNames(people);
const actors = people.users.filter((user) => !user.isBot && !user.deleted);

const asked = new URLSearchParams(location.search).get("as");
const start = (actors.find((user) => user.id === asked) ?? actors[0]).id;
const state = {
  me: start,
  // before there is a box to type into: what is typed needs a channel to go to
  seen: await ask("see", { user: start }),
  /** Newest message that was looked at, per person and channel. */
  read: new Map(),
  drawn: "",
};

const place = () => {
  const [, channel, ts] = location.hash.split("/");
  return { channel, ts };
};
const go = (channel, ts) => {
  location.hash = ts === undefined ? `#/${channel}` : `#/${channel}/${ts}`;
};
const current = () => {
  const { channel } = place();
  const { channels } = state.seen;
  return channels.find((one) => one.id === channel) ?? channels[0];
};
const rootOf = (channel) => {
  const { ts } = place();
  return ts === undefined
    ? undefined
    : channel.messages.find((one) => one.ts === ts || one.replies.some((reply) => reply.ts === ts));
};
const openThread = (ts) => {
  go(current().id, ts);
  app.dataset.pane = "thread";
};
const closeThread = () => {
  if (byId("thread").hidden) return;
  const ts = rootOf(current())?.ts;
  go(current().id);
  app.dataset.pane = "channel";
  byId("messages").querySelector(`[data-ts="${ts}"] .reply-bar, [data-ts="${ts}"] .reply`)?.focus();
};

const main = composer({
  id: "composer",
  label: "Message",
  people,
  inThread: false,
  target: () => ({ user: state.me, channel: current().id }),
});
const reply = composer({
  id: "thread-composer",
  label: "Reply, or @flink …",
  people,
  inThread: true,
  target: () => {
    const root = rootOf(current());
    return root === undefined ? null : { user: state.me, channel: current().id, threadTs: root.ts };
  },
});
byId("composer-slot").append(main.form);
byId("thread-composer-slot").append(reply.form);

const newest = (channel) => {
  const visible = channel.messages.flatMap((one) => [one, ...one.replies]).filter((one) => !one.deleted);
  return visible.reduce((latest, one) => (one.ts > latest ? one.ts : latest), "");
};

const channelLink = ({ channel, unread, open }) =>
  h(
    "li",
    {},
    h(
      "a",
      {
        href: `#/${channel.id}`,
        class: unread ? "unread" : "",
        "aria-current": open ? "page" : null,
        onclick: () => (app.dataset.pane = "channel"),
      },
      h("span", { class: "hash", "aria-hidden": "true" }, channel.kind === "im" ? "@" : "#"),
      h("span", { class: "channel-label" }, channel.name),
      channel.isExtShared
        ? h("span", { class: "shared", title: "Shared with another company" }, "shared")
        : null,
      unread ? h("span", { class: "unseen" }, " (unread)") : null,
    ),
  );

const drawSidebar = (here) => {
  byId("team").textContent = people.team.name;
  const rows = state.seen.channels.map((channel) => {
    const last = newest(channel);
    const key = `${state.me} ${channel.id}`;
    if (channel === here || !state.read.has(key)) state.read.set(key, last);
    return { channel, unread: last > state.read.get(key), open: channel === here };
  });
  const signature = JSON.stringify(rows.map((row) => [row.channel.id, row.unread, row.open]));
  const list = byId("channels");
  if (list.dataset.signature === signature) return;
  const focused = list.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  list.dataset.signature = signature;
  list.replaceChildren(...rows.map(channelLink));
  if (focused !== null) list.querySelector(`[href="${focused}"]`)?.focus();
};

const drawPeople = () => {
  byId("people").replaceChildren(
    ...actors.map((user) =>
      h(
        "label",
        { class: "person" },
        h("input", {
          type: "radio",
          name: "me",
          value: user.id,
          checked: user.id === state.me,
          onchange: () => become(user.id),
        }),
        avatar(user.id, user.realName, false),
        h(
          "span",
          { class: "person-text" },
          h("strong", {}, user.realName.split(" ")[0]),
          h("span", {}, user.title),
        ),
      ),
    ),
  );
};

const chip = (text) => h("button", { type: "button", class: "chip", onclick: () => main.say(text) }, text);

const intro = (channel) => {
  const member = channel.members.includes(people.users.find((one) => one.name === "flink")?.id);
  const command = people.commands[0]?.command ?? "/flink";
  const own = people.channels.find((one) => one.id === channel.id)?.suggestions ?? people.suggestions;
  const commands = own.length > 0 ? own : [`${command} help`, `${command} list`];
  const home = people.users.find((one) => one.id === state.me)?.isOfHome === true;
  return h(
    "section",
    { class: "intro" },
    h("h2", {}, channel.kind === "im" ? channel.name : `# ${channel.name}`),
    h(
      "p",
      {},
      channel.topic === "" ? "" : `${channel.topic}. `,
      member ? "The app is in this channel." : "The app is not in this channel.",
    ),
    h(
      "p",
      { class: "chips" },
      "Click: ",
      home ? commands.map(chip) : null,
      member ? chip("@flink help") : null,
    ),
  );
};

const draw = () => {
  const { seen } = state;
  if (seen.channels.length === 0) return;
  const here = current();
  const root = rootOf(here);
  const me = people.users.find((one) => one.id === state.me);
  const context = `${state.me} ${here.id}`;
  const animate = state.drawn.startsWith(context);
  drawSidebar(here);
  byId("me").replaceChildren(avatar(me.id, me.realName, false), h("span", {}, me.realName.split(" ")[0]));
  byId("channel-name").textContent = here.kind === "im" ? here.name : `# ${here.name}`;
  byId("channel-topic").textContent = `${here.topic} · ${here.members.length} members`;
  const command = me.isOfHome ? `, or ${people.commands[0]?.command ?? "/flink"} …` : "";
  main.box.placeholder = `Message #${here.name}${command}`;
  const list = byId("messages");
  if (!animate) list.replaceChildren(intro(here));
  const shown = here.messages.flatMap((one) => [one, ...one.replies.filter((each) => each.broadcast)]);
  syncMessages(list, shown, { me: state.me, openThread, inThread: false, animate });
  const pane = byId("thread");
  const threadKey = `${context} ${root?.ts ?? ""}`;
  const opened = threadKey !== state.drawn;
  pane.hidden = root === undefined;
  if (root !== undefined) {
    byId("thread-where").textContent = `# ${here.name}`;
    if (opened) byId("replies").replaceChildren();
    syncMessages(byId("replies"), [root, ...root.replies], {
      me: state.me,
      openThread,
      inThread: true,
      animate: !opened,
    });
    if (opened && app.dataset.pane === "thread") reply.box.focus({ preventScroll: true });
  }
  if (app.dataset.pane === "thread" && root === undefined) app.dataset.pane = "channel";
  state.drawn = threadKey;
  syncModal(seen.modal, state.me);
};

const announce = (before, after) => {
  if (before.user !== after.user) return;
  const known = new Set(
    before.channels
      .flatMap((one) => one.messages.flatMap((each) => [each, ...each.replies]))
      .map((one) => one.ts),
  );
  const news = after.channels
    .flatMap((one) => one.messages.flatMap((each) => [each, ...each.replies]))
    .filter((one) => !known.has(one.ts) && one.user !== after.user && !one.deleted);
  byId("live").replaceChildren(...news.map((one) => h("p", {}, `${one.name}: ${one.fallback}`)));
};

const refresh = async () => {
  const who = state.me;
  const seen = await ask("see", { user: who });
  if (who !== state.me) return;
  announce(state.seen, seen);
  state.seen = seen;
  draw();
};

const become = (user) => {
  state.me = user;
  const url = new URL(location.href);
  url.searchParams.set("as", user);
  history.replaceState(null, "", url);
  void refresh();
};

addEventListener("hashchange", draw);
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]") !== null) return;
  if (app.dataset.pane === "sidebar") app.dataset.pane = "channel";
  else closeThread();
});
byId("close-thread").addEventListener("click", closeThread);
byId("to-sidebar").addEventListener("click", () => {
  app.dataset.pane = "sidebar";
  byId("channels").querySelector("a")?.focus();
});

drawPeople();
const pause = async (ms) => await new Promise((resolve) => setTimeout(resolve, ms));
const follow = async () => {
  for (;;) {
    try {
      await refresh();
      byId("offline").hidden = true;
      await ask("wait", { since: state.seen.seq, timeoutMs: 25_000 });
    } catch {
      byId("offline").hidden = false;
      await pause(1000);
    }
  }
};
void follow();
main.box.focus({ preventScroll: true });
