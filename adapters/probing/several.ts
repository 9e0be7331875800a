/** `1 door`, `3 doors`: for messages to people. */
export const several = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`
