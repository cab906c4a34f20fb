// Counts what was checked, in the form that the summary of all suites reads.
export class Checks {
  passed = 0;
  failed = 0;
  notes = [];

  /** Runs one check. What fails is told with its reason, and the others go on. */
  async run(name, body) {
    const started = Date.now();
    try {
      await body();
      this.passed++;
      console.log(`  ok      ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    } catch (error) {
      this.failed++;
      console.log(`  FAILED  ${name}\n${indent(error.stack ?? String(error))}`);
      await this.onFailure?.(name);
    }
  }

  end() {
    console.log(`browser: ${this.passed} passed, ${this.failed} failed`);
    return this.failed === 0;
  }
}

function indent(text) {
  return text
    .split('\n')
    .slice(0, 12)
    .map((line) => `          ${line}`)
    .join('\n');
}

export function same(found, wanted, what = 'value') {
  if (JSON.stringify(found) !== JSON.stringify(wanted)) {
    throw new Error(`${what} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
  }
}

export function holds(condition, what) {
  if (!condition) throw new Error(what);
}
