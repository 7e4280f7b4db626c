import { expect, test } from 'vitest';
import { Resources } from '../../helpers/execution/resources.ts';

function resource(name: string, given: string[]): Disposable {
  return { [Symbol.dispose]: () => void given.push(name) };
}

test('resources are given back in reverse order', async () => {
  const given: string[] = [];
  const resources = new Resources();
  await resources.use(resource('server', given));
  await resources.use(Promise.resolve(resource('log', given)));
  await resources[Symbol.asyncDispose]();
  expect(given).toEqual(['log', 'server']);
});

test('a resource that arrives too late is given back at once', async () => {
  const given: string[] = [];
  const resources = new Resources();
  let come: (resource: Disposable) => void = () => undefined;
  const coming = resources.use(new Promise<Disposable>((resolve) => (come = resolve)));
  await resources[Symbol.asyncDispose]();
  come(resource('message sink', given));
  await coming;
  expect(given).toEqual(['message sink']);
});

test('if one resource cannot be given back, the others still are', async () => {
  const given: string[] = [];
  const resources = new Resources();
  await resources.use(resource('server', given));
  await resources.use({
    [Symbol.dispose]: () => {
      throw new Error('stuck');
    },
  });
  await expect(resources[Symbol.asyncDispose]()).rejects.toThrow('stuck');
  expect(given).toEqual(['server']);
});
