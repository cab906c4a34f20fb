// A real broker with a PostgreSQL of its own, in a folder that goes with it.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { caller } from './fleet.mjs';

async function freePort() {
  const probe = createServer();
  await new Promise((listening) => probe.listen(0, '127.0.0.1', listening));
  const { port } = probe.address();
  await new Promise((closed) => probe.close(closed));
  return port;
}

export class Broker {
  output = '';

  /** Starts one with the options that the function has for its address. */
  static async start(root, optionsOf = () => []) {
    const broker = new Broker();
    broker.root = root;
    broker.folder = mkdtempSync(join(tmpdir(), 'memfabric-browser-'));
    // PostgreSQL's account has to get through.
    chmodSync(broker.folder, 0o711);
    broker.port = await freePort();
    broker.address = `http://127.0.0.1:${broker.port}`;
    broker.options = optionsOf(broker.address);
    await broker.launch();
    return broker;
  }

  async launch() {
    const java = join(process.env.JAVA_HOME, 'bin/java');
    const words = ['--pdeathsig=KILL', '--', java, '-XX:+UseSerialGC', '--enable-native-access=ALL-UNNAMED'];
    this.process = spawn('setpriv', [
      ...words,
      '-jar',
      join(this.root, 'broker/server/target/memfabric-broker.jar'),
      `--server.port=${this.port}`,
      '--memfabric.agents.security=trusted-network',
      `--memfabric.data-dir=${this.folder}`,
      ...this.options,
    ]);
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (this.output += text));
    }
    const deadline = Date.now() + 240_000;
    for (;;) {
      if (this.process.exitCode !== null || Date.now() > deadline) throw new Error(`the broker did not start:\n${this.output}`);
      const ready = await fetch(`${this.address}/actuator/health/readiness`).then(
        (answer) => answer.ok,
        () => false,
      );
      if (ready) break;
      await new Promise((wake) => setTimeout(wake, 200));
    }
    this.token = readFileSync(join(this.folder, 'admin-token'), 'utf8').trim();
    this.admin = caller(this.address, this.token);
  }

  /** Kills it as a power cut does; `launch` brings it back at the same address. */
  async kill() {
    const ended = new Promise((exit) => this.process.once('exit', exit));
    this.process.kill('SIGKILL');
    await ended;
  }

  async close() {
    const ended = new Promise((exit) => this.process.once('exit', exit));
    if (this.process.exitCode === null) {
      this.process.kill('SIGTERM');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
