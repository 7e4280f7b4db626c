/** Resources that are disposed of together, the last first. (`AsyncDisposableStack` needs Node 24.) */
export class Resources implements AsyncDisposable {
  private readonly held: (Disposable | AsyncDisposable)[] = [];
  private disposed = false;

  /** Holds a resource. If the others have already been disposed of, it is disposed of at once. */
  async use<T extends Disposable | AsyncDisposable>(coming: T | Promise<T>): Promise<T> {
    const resource = await coming;
    if (this.disposed) await dispose(resource);
    else this.held.push(resource);
    return resource;
  }

  /** @throws the first error of a disposal, after all resources have been tried. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.disposed = true;
    const errors: unknown[] = [];
    for (const resource of this.held.splice(0).reverse()) {
      await dispose(resource).catch((error: unknown) => errors.push(error));
    }
    if (errors.length > 0) throw errors[0];
  }
}

async function dispose(resource: Disposable | AsyncDisposable): Promise<void> {
  if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]();
  else resource[Symbol.dispose]();
}
