// Signing in by mail, and answering devices, in Chromium without scripts.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { World } from "./world.mjs";

const ANN = "ann@example.org";
const PHONE = { viewport: { width: 375, height: 740 }, colorScheme: "dark", isMobile: true };

let world;

before(async () => {
  world = await World.start();
});

after(() => world?.stop());

async function signIn(page, email, prefix) {
  await world.picture(page, `${prefix}-sign-in`);
  await page.getByLabel("E-mail address").fill(email);
  await page.getByRole("button", { name: "Send me a link" }).click();
  await page.getByRole("heading", { name: "Look into your mail" }).waitFor();
  await world.picture(page, `${prefix}-sent`);
  await page.goto(await world.mailedLink(email));
  await page.getByRole("heading", { name: `Sign in as ${email}?` }).waitFor();
  await world.picture(page, `${prefix}-link`);
  await page.getByRole("button", { name: "Sign in" }).click();
}

test("a person signs in by mail and approves the device that asked", async () => {
  const page = await world.visitor();
  const device = world.device("approved");
  const link = await device.page();
  const code = link.split("=")[1];
  await page.goto(link);
  await signIn(page, ANN, "desk");
  await page.getByRole("heading", { name: /Let “.+” into your account/ }).waitFor();
  await page.getByText(code, { exact: true }).waitFor();
  await page.getByText("127.0.0.1").waitFor();
  await world.picture(page, "desk-device");
  await page.getByRole("button", { name: "Approve" }).click();
  await page.getByRole("heading", { name: "The device is let in" }).waitFor();
  await world.picture(page, "desk-approved");
  assert.equal(await device.ended, 0, device.said);
  assert.match(device.said, /Enrolled: /);
  await page.getByRole("link", { name: "To your account" }).click();
  const id = device.said.match(/as device (\S+),/)[1];
  await page.getByText(id).waitFor();
  assert.deepEqual(page.complaints, []);
});

test("a person on a phone types a code and denies the device", async () => {
  const page = await world.visitor(PHONE);
  const device = world.device("denied");
  const code = (await device.page()).split("=")[1];
  await page.goto(world.origin);
  await signIn(page, ANN, "phone");
  await world.picture(page, "phone-account");
  await page.getByRole("link", { name: "type its code" }).click();
  await world.picture(page, "phone-code");
  await page.getByLabel("Code").fill("bcdf ghja");
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("alert").waitFor();
  await world.picture(page, "phone-wrong-code");
  await page.getByLabel("Code").fill(code.replace("-", "").toLowerCase());
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByText(code, { exact: true }).waitFor();
  await world.picture(page, "phone-device");
  await page.getByRole("button", { name: "Deny" }).click();
  await page.getByRole("heading", { name: "The device was denied" }).waitFor();
  await world.picture(page, "phone-denied");
  assert.equal(await device.ended, 4, device.said);
  assert.match(device.said, /denied on the cloud's page/);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= PHONE.viewport.width, `the page is ${wide} wide`);
});

test("a key is shown once and can be revoked", async () => {
  const page = await world.visitor();
  await page.goto(world.origin);
  await signIn(page, ANN, "key");
  await page.getByLabel("Name of a new key").fill("build server");
  await page.getByRole("button", { name: "Make the key" }).click();
  const key = await page.locator("code.key").textContent();
  assert.match(key, /^syn_key_[0-9a-f_]+$/);
  await world.picture(page, "desk-key");
  await page.getByRole("link", { name: "I have copied it" }).click();
  await page.getByText("build server", { exact: true }).waitFor();
  await world.picture(page, "desk-account");
  assert.ok(!(await page.content()).includes(key));
  await page.getByRole("button", { name: "Revoke build server" }).click();
  await page.getByText("revoked", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in", exact: true }).waitFor();
  await page.goto(`${world.origin}/account`);
  await page.getByRole("heading", { name: "Sign in", exact: true }).waitFor();
});
