// Builds the dashboard into target/classes/static, where Maven packs it for the broker. Does nothing
// while no source, no locked package and no line of the REST contract has changed; what was built once
// from the same sources is taken from the user's cache.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';

const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const contract = join(here, '../../api-spec/openapi/broker.yaml');
const [major] = process.versions.node.split('.').map(Number);
if (major < 18) {
  throw new Error(`the dashboard is built with Node.js 18 or newer; this is ${process.version}`);
}

function files(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).sort().flatMap((name) => files(join(path, name)));
}

function digest(paths) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap(files)) {
    hash.update(relative(here, path)).update('\0').update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex');
}

function upToDate(stamp, value) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === value;
}

function run(command, args) {
  execFileSync(command, args, { cwd: here, stdio: ['ignore', 'inherit', 'inherit'] });
}

// The sources' digest last: a build that breaks off leaves none behind.
const sources = digest([
  contract,
  ...['build.mjs', 'index.html', 'package.json', 'package-lock.json', 'src', 'tsconfig.json', 'vite.config.ts'].map((n) =>
    join(here, n),
  ),
]);
const pages = join(here, 'target/classes/static');
const stamp = join(here, 'target/built');
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'memfabric/dashboard');
const cached = join(cache, sources);
if (!upToDate(stamp, sources) || !existsSync(join(pages, 'index.html'))) {
  mkdirSync(join(here, 'target'), { recursive: true });
  if (existsSync(cached)) {
    rmSync(pages, { recursive: true, force: true });
    cpSync(cached, pages, { recursive: true });
  } else {
    build();
    keep();
  }
  writeFileSync(stamp, sources);
}

function build() {
  const locked = digest(['package.json', 'package-lock.json', '.npmrc'].map((n) => join(here, n)));
  const packages = join(here, 'node_modules/.memfabric');
  if (!upToDate(packages, locked)) {
    run('npm', ['ci', '--prefer-offline', '--ignore-scripts', '--loglevel=error']);
    writeFileSync(packages, locked);
  }
  const bin = (name) => join(here, 'node_modules/.bin', name);
  run(bin('openapi-typescript'), [contract, '-o', join(here, 'target/contract.d.ts'), '--silent']);
  run(bin('tsc'), ['--noEmit']);
  run(bin('vitest'), ['run', '--silent', '--reporter=dot']);
  run(bin('vite'), ['build', '--logLevel', 'warn']);
}

/** Keeps the newest eight builds; a place that cannot be written is no reason to fail. */
function keep() {
  try {
    mkdirSync(cache, { recursive: true });
    const half = `${cached}.${process.pid}`;
    cpSync(pages, half, { recursive: true });
    renameSync(half, cached);
    const age = (name) => statSync(join(cache, name)).mtimeMs;
    const old = readdirSync(cache).sort((a, b) => age(b) - age(a)).slice(8);
    for (const name of old) rmSync(join(cache, name), { recursive: true, force: true });
  } catch (error) {
    console.error(`memfabric: the built pages are not kept for other builds: ${error.message}`);
  }
}
