/**
 * An error whose message is one line to show. Control characters in it, such as a line break in a user's value, are
 * written as in JSON.
 */
export class OneLineError extends Error {
  constructor(message: string) {
    super(message.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1)));
  }
}
