// Pages behind the addresses in letters and links. The secret is taken from behind "#" and sent in the body of a request.
"use strict";

const part = (id) => document.getElementById(id);

function say(title, text) {
  part("title").textContent = title;
  part("text").textContent = text;
}

async function post(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    credentials: "omit",
  });
  if (response.ok) return response.status === 200 ? response.json() : null;
  const problem = await response.json().catch(() => null);
  throw new Error(problem?.detail ?? "The relay does not answer as it should.");
}

async function verify(secret) {
  await post("/api/v1/verify", { secret });
  say("Your address is proven", "You can log in now.");
}

function reset(secret) {
  say("Choose a password", "All programs that are logged in will have to log in again.");
  const form = part("password");
  form.hidden = false;
  part("new").focus();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await post("/api/v1/password/reset", { secret, password: part("new").value });
      form.hidden = true;
      say("The password is changed", "You can log in with it now.");
    } catch (error) {
      say("That did not work", error.message);
    }
  });
}

function join() {
  const address = part("address");
  part("join").hidden = false;
  address.value = location.href;
  part("copy").addEventListener("click", async () => {
    address.select();
    await navigator.clipboard?.writeText(address.value);
    part("copy").textContent = "Copied";
  });
}

async function link(secret) {
  const offer = await post("/api/v1/links/look", { secret });
  const article = offer.role === "editor" ? "an" : "a";
  say(`You can join “${offer.project_name}”`, `As ${article} ${offer.role}. Open it in Quire, the LaTeX editor.`);
  join();
}

function invitation() {
  say("You are invited", "Open the project in Quire, the LaTeX editor.");
  join();
}

const actions = { verify, reset, link, invitation };

async function main() {
  const [action, secret] = location.hash.slice(1).split("=");
  if (!Object.hasOwn(actions, action) || !secret) {
    say("Something is missing", "This address is not whole. Copy all of it from the letter, or from who gave it to you.");
    return;
  }
  try {
    await actions[action](secret);
  } catch (error) {
    say("That did not work", error.message);
  }
}

window.addEventListener("hashchange", () => location.reload());
void main();
