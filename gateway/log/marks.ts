/** The marks of so many values in a statement of SQL. */
export const marks = (many: number): string => Array.from({ length: many }, () => "?").join(", ")
