/** Prints a line for the user. */
export type Log = (line: string) => void;
