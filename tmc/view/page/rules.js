// The rules on the lattice. (To come.)
export {};
