/**
 * An error whose message is the one line to show, whatever names and values stand in it: a line break, or what a
 * terminal would obey, is shown as JSON writes it.
 */
export class OneLineError extends Error {
  constructor(message: string) {
    super(message.replace(/\p{Cc}/gu, (it) => JSON.stringify(it).slice(1, -1)));
  }
}
