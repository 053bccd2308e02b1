// A real server in an empty folder, a real browser, and a real device.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";

const PATIENCE_MS = 20_000;

function needed(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run \`cargo xtask test --only web\``);
  return value;
}

/** Asks again and again until something comes of it. */
export async function until(what, look) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what} did not come`);
    await new Promise((later) => setTimeout(later, 50));
  }
}

export class World {
  /** `settings` is TOML for the server, `env` more of its environment. */
  static async start({ settings, env = {} } = {}) {
    const world = new World();
    world.folder = await mkdtemp(path.join(tmpdir(), "synesis-web-"));
    world.data = path.join(world.folder, "cloud");
    const args = ["run", "--data-dir", world.data, "--listen", "127.0.0.1:0"];
    if (settings) {
      const file = path.join(world.folder, "cloud.toml");
      await writeFile(file, settings);
      args.push("--config", file);
    }
    world.log = "";
    world.server = spawn(needed("SYNESIS_SERVER"), args, {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, ...env },
    });
    world.server.stderr.on("data", (text) => (world.log += text));
    const state = await until("the server", async () => {
      const file = path.join(world.data, "server.json");
      const text = await readFile(file, "utf8").catch(() => "");
      return text.trim() ? JSON.parse(text) : undefined;
    });
    world.origin = `https://${state.addr}`;
    world.browser = await chromium.launch({
      executablePath: needed("CHROMIUM"),
      args: ["--no-sandbox", "--disable-dev-shm-usage"],
    });
    return world;
  }

  async stop() {
    await this.browser?.close();
    this.server?.kill("SIGTERM");
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A browser of its own, without scripts: every page works without them. */
  async visitor(options = {}) {
    const context = await this.browser.newContext({
      ignoreHTTPSErrors: true,
      javaScriptEnabled: false,
      viewport: { width: 1024, height: 800 },
      ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.complaints = [];
    page.on("console", (said) => {
      if (said.type() === "error") page.complaints.push(said.text());
    });
    return page;
  }

  /** The newest link that was mailed to an address. */
  async mailedLink(email) {
    const outbox = path.join(this.data, "outbox");
    return until(`a mail to ${email}`, async () => {
      const names = (await readdir(outbox).catch(() => [])).filter((name) => name.endsWith(".eml"));
      for (const name of names.sort().reverse()) {
        const mail = (await readFile(path.join(outbox, name), "utf8")).replaceAll("=\r\n", "");
        if (mail.includes(`To: ${email}`)) return mail.match(/https:\/\/\S+\/link\/\S+/)[0];
      }
      return undefined;
    });
  }

  /** `synesis cloud login` in a home of its own. */
  device(name) {
    const home = path.join(this.folder, name);
    const ca = path.join(this.data, "ca", "ca.pem");
    const args = ["--home", home, "cloud", "login", "--url", this.origin, "--ca", ca, "--no-browser"];
    const child = spawn(needed("SYNESIS"), args, { stdio: ["ignore", "pipe", "pipe"] });
    const device = { said: "" };
    child.stderr.on("data", (text) => (device.said += text));
    device.ended = new Promise((done) => child.on("close", done));
    device.page = () =>
      until("the device's page", async () => device.said.match(/https:\/\/\S+user_code=\S+/)?.[0]);
    return device;
  }

  /** `synesis` in the home of a device that was let in: what it says on stdout. */
  async synesis(name, ...args) {
    const home = path.join(this.folder, name);
    const child = spawn(needed("SYNESIS"), ["--home", home, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [out, said] = ["", ""];
    child.stdout.on("data", (text) => (out += text));
    child.stderr.on("data", (text) => (said += text));
    const status = await new Promise((done) => child.on("close", done));
    if (status !== 0) throw new Error(`synesis ${args.join(" ")}: ${status}\n${said}`);
    return out;
  }

  /** Signs in by a mailed link, as a person does. */
  async signIn(page, email) {
    await page.goto(this.origin);
    await page.getByLabel("E-mail address").fill(email);
    await page.getByRole("button", { name: "Send me a link" }).click();
    await page.getByRole("heading", { name: "Look into your mail" }).waitFor();
    await page.goto(await this.mailedLink(email));
    await page.getByRole("button", { name: "Sign in" }).click();
  }

  /** Keeps a picture where somebody asked for pictures. */
  async picture(page, name) {
    const folder = process.env.SYNESIS_PICTURES;
    if (folder) await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true });
  }
}
