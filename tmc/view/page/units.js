// The hidden units of a cell. (To come.)
export {};
