// The last conversations, in the side bar.

import { h } from "./dom.js";
import { sessions } from "./history_view.js";
import { address } from "./route.js";
import { changes, state } from "./state.js";

const MOST = 12;

export function recentConversations(place) {
  const load = async () => {
    const found = await sessions(state.kb).catch(() => []); // the history view tells what is wrong
    place.replaceChildren(
      ...(found.length
        ? [
            h("h2", { say: "recent" }),
            h(
              "ul",
              {},
              ...found
                .slice(0, MOST)
                .map((session) =>
                  h("li", {}, h("a", { href: address("ask", session.session), title: session.title }, session.title)),
                ),
            ),
          ]
        : []),
    );
  };
  changes.addEventListener("kb", load);
  addEventListener("asked", load);
  load();
}
