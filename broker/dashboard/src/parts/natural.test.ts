import { expect, test } from 'vitest';
import { byName } from './natural';

test('counts as people do', () => {
  expect(['rack-10-2', 'Rack-9-10', 'rack-9-9', 'rack', ''].sort(byName)).toEqual(['', 'rack', 'rack-9-9', 'Rack-9-10', 'rack-10-2']);
});
