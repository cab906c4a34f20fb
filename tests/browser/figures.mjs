// The figures of a run, in the form that every benchmark of this repository writes.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export class Figures {
  all = [];

  /** One figure from several rounds: their median, or with `worst` the largest. */
  add(name, unit, rounds, goal, { worst = false, floor = false, note } = {}) {
    const sorted = [...rounds].sort((a, b) => a - b);
    const value = worst ? sorted[sorted.length - 1] : sorted[Math.floor((sorted.length - 1) / 2)];
    const met = goal === null ? null : floor ? value >= goal : goal === 0 ? value === 0 : value < goal;
    const figure = { name, value, unit, goal, floor, met, n: sorted.length, min: sorted[0], max: sorted[sorted.length - 1] };
    this.all.push(note === undefined ? figure : { ...figure, note });
  }

  print() {
    console.log('\nfigure                          value unit     goal');
    for (const { name, value, unit, goal, floor, met, note } of this.all) {
      const shown = Number.isInteger(value) ? String(value) : value.toFixed(3);
      const judged = goal === null ? '' : `${goal === 0 ? '0' : floor ? `>= ${goal}` : `< ${goal}`}${met ? '  met' : '  MISSED'}`;
      console.log(`${name.padEnd(24)} ${shown.padStart(12)} ${unit.padEnd(8)} ${judged}${note === undefined ? '' : `  (${note})`}`);
    }
  }

  write(root, file) {
    const git = (...words) => execFileSync('git', ['-C', root, ...words], { encoding: 'utf8' }).trim();
    let commit = 'unknown';
    try {
      commit = git('rev-parse', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '-modified');
    } catch {
      // A copy without its history has no commit.
    }
    const models = readFileSync('/proc/cpuinfo', 'utf8').match(/^model name\s*: .*$/gm) ?? [];
    const machine = `${models.length} x ${(models[0] ?? '').replace(/^model name\s*: /, '')}, Node.js ${process.versions.node}`;
    const path = join(root, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${JSON.stringify({ commit, machine, figures: this.all }, null, 2)}\n`);
    console.log(`\nwritten to ${file}`);
  }
}
