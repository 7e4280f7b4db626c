/** A text whose control characters, such as a line break in a user's value, are written as in JSON. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}

/** An error whose message is one line to show. */
export class OneLineError extends Error {
  constructor(message: string) {
    super(printable(message));
  }
}
