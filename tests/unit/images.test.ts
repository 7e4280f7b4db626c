import { expect, test } from 'vitest';
import type { Engine } from '../../helpers/engine/engine.ts';
import { labelsOf, removeOlder } from '../../helpers/engine/images.ts';

interface Image {
  readonly Id: string;
  readonly RepoTags: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** An engine without containers that has these images, and keeps what is removed. */
function engineWith(images: readonly Image[]): { engine: Engine; removed: string[] } {
  const removed: string[] = [];
  const dockerode = {
    listContainers: async () => [],
    listImages: async ({ filters }: { filters: { label: string[] } }) => {
      const asked = filters.label.map((label) => label.split('='));
      return images.filter(({ labels }) => asked.every(([name = '', value]) => labels[name] === value));
    },
    getImage: (id: string) => ({ remove: async () => void removed.push(id) }),
  };
  return { engine: { container: { dockerode } } as unknown as Engine, removed };
}

test('of the images that came before, only those of this checkout, kind and release go', async () => {
  const labels = labelsOf('httpd', 'trixie');
  const [kind] = Object.keys(labels) as [string];
  const { engine, removed } = engineWith([
    { Id: 'current', RepoTags: ['httpd:new'], labels },
    { Id: 'older', RepoTags: ['httpd:old'], labels },
    { Id: 'of another kind', RepoTags: [], labels: labelsOf('client', 'trixie') },
    { Id: 'of another release', RepoTags: [], labels: labelsOf('httpd', 'bookworm') },
    { Id: 'of another checkout', RepoTags: [], labels: labelsOf('httpd', 'trixie', '/elsewhere/') },
    { Id: 'of nobody that is known', RepoTags: [], labels: { [kind]: labels[kind] as string } },
  ]);
  await removeOlder(engine, labels, 'httpd:new');
  expect(removed).toEqual(['older']);
});
