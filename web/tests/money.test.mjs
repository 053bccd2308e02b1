// What the account costs and how credit is bought, in Chromium without scripts, with a stand-in for
// Stripe that checks what it is sent.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import http from "node:http";
import https from "node:https";
import { after, before, test } from "node:test";
import { World, until } from "./world.mjs";

const ANN = "ann@example.org";
const KEY = "sk_test_Pages";
const SECRET = "whsec_Pages";
const PHONE = { viewport: { width: 375, height: 740 }, isMobile: true };

/** Stripe, as far as one top-up needs it. */
class Stripe {
  static async start() {
    const stripe = new Stripe();
    stripe.sessions = new Map();
    stripe.complaints = [];
    stripe.server = http.createServer((request, response) => stripe.answer(request, response));
    await new Promise((ready) => stripe.server.listen(0, "127.0.0.1", ready));
    stripe.url = `http://127.0.0.1:${stripe.server.address().port}`;
    return stripe;
  }

  async answer(request, response) {
    let body = "";
    for await (const chunk of request) body += chunk;
    const form = new URLSearchParams(body);
    const asked = request.url.startsWith("/v1/");
    if (asked && request.headers.authorization !== `Bearer ${KEY}`) {
      this.complaints.push("another key");
    }
    if (request.method === "POST" && !request.headers["idempotency-key"]) {
      this.complaints.push(`${request.url} without an idempotency key`);
    }
    const say = (object) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(object));
    };
    const { pathname } = new URL(request.url, this.url);
    if (request.method === "POST" && pathname === "/v1/customers") {
      return say({ id: "cus_1", object: "customer" });
    }
    if (request.method === "POST" && pathname === "/v1/checkout/sessions") {
      const id = `cs_test_${this.sessions.size + 1}`;
      const session = {
        id,
        object: "checkout.session",
        url: `${this.url}/pay/${id}`,
        mode: form.get("mode"),
        status: "open",
        payment_status: "unpaid",
        payment_intent: null,
        customer: form.get("customer"),
        client_reference_id: form.get("client_reference_id"),
        amount_total: Number(form.get("line_items[0][price_data][unit_amount]")),
        currency: form.get("line_items[0][price_data][currency]"),
        metadata: { synesis_user: form.get("metadata[synesis_user]") },
        success_url: form.get("success_url"),
      };
      this.sessions.set(id, session);
      return say(session);
    }
    const session = this.sessions.get(pathname.split("/").at(-1));
    if (request.method === "GET" && pathname.startsWith("/v1/checkout/sessions/") && session) {
      return say(session);
    }
    if (pathname.startsWith("/pay/") && session) {
      response.setHeader("content-type", "text/html");
      return response.end(`<h1>Pay ${session.amount_total} cents</h1>`);
    }
    response.statusCode = 404;
    return say({ error: { type: "invalid_request_error", message: "no such thing" } });
  }

  /** Somebody pays; the cloud is told by a signed webhook. */
  async pay(id, origin) {
    const session = this.sessions.get(id);
    Object.assign(session, { status: "complete", payment_status: "paid", payment_intent: "pi_1" });
    const event = {
      id: `evt_${id}`,
      object: "event",
      type: "checkout.session.completed",
      created: Math.floor(Date.now() / 1000),
      data: { object: session },
    };
    const body = JSON.stringify(event);
    const time = Math.floor(Date.now() / 1000);
    const v1 = createHmac("sha256", SECRET).update(`${time}.${body}`).digest("hex");
    const request = https.request(`${origin}/v1/stripe/webhook`, {
      method: "POST",
      rejectUnauthorized: false,
      headers: { "stripe-signature": `t=${time},v1=${v1}`, "content-type": "application/json" },
    });
    request.end(body);
    const response = await new Promise((done) => request.on("response", done));
    response.resume();
    assert.equal(response.statusCode, 200);
    return session.success_url.replace("{CHECKOUT_SESSION_ID}", id);
  }
}

let stripe;
let world;

before(async () => {
  stripe = await Stripe.start();
  world = await World.start({
    settings: `
[stripe]
base_url = "${stripe.url}"
meter_event_name = "synesis_cents"
meter_id = "mtr_1"
`,
    env: { SYNESIS_STRIPE_SECRET_KEY: KEY, SYNESIS_STRIPE_WEBHOOK_SECRETS: SECRET },
  });
});

after(async () => {
  await world?.stop();
  stripe?.server.close();
});

test("a person sees what was spent, buys credit, and sees it once it was paid", async () => {
  const page = await world.visitor();
  await world.signIn(page, ANN);
  await page.getByText("No device yet.").waitFor();
  const device = world.device("laptop");
  await page.goto(await device.page());
  await page.getByRole("button", { name: "Approve" }).click();
  assert.equal(await device.ended, 0, device.said);
  await world.synesis("laptop", "ask", "--cloud", "What is the capital of France?");

  await page.goto(`${world.origin}/account`);
  await page.getByText("1 call", { exact: true }).waitFor();
  assert.equal(await page.locator("svg .bar").count(), 1, "one day with calls");
  assert.equal(await page.locator("svg .room").count(), 30);
  const paid = await page.locator("tbody td").last().textContent();
  assert.match(paid, /^\$0\.0+[1-9]/);
  await page.getByText(`The last 30 days: ${paid}`).waitFor();
  await world.picture(page, "desk-money");

  await page.getByLabel("Buy credit, in dollars").fill("a lot");
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("alert").getByText("That is no amount").waitFor();
  await page.getByLabel("Buy credit, in dollars").fill("12.50");
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("heading", { name: "Buy $12.50 of credit" }).waitFor();
  await world.picture(page, "desk-pay");
  await page.getByRole("link", { name: "Pay $12.50 at Stripe" }).click();
  await page.getByRole("heading", { name: "Pay 1250 cents" }).waitFor();

  const back = "cs_test_1";
  await page.goto(`${world.origin}/account?paid=${back}`);
  await page.getByRole("status").getByText("as soon as Stripe says").waitFor();
  const url = await stripe.pay(back, world.origin);
  await until("the credit", async () => {
    await page.goto(url);
    return (await page.getByRole("status").textContent()).includes("$12.50 were credited");
  });
  await page.getByText("$12.50", { exact: true }).waitFor();
  await world.picture(page, "desk-credited");
  // The wrong amount is answered by 400, and the stand-in has no icon.
  const complaints = page.complaints.filter((text) => !text.startsWith("Failed to load resource"));
  assert.deepEqual(complaints, []);
  assert.deepEqual(stripe.complaints, []);
});

test("the account fits a phone", async () => {
  const page = await world.visitor(PHONE);
  await world.signIn(page, ANN);
  await page.getByRole("heading", { name: "What it costs" }).waitFor();
  await world.picture(page, "phone-money");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= PHONE.viewport.width, `the page is ${wide} wide`);
});
