// The reference has a module of this name; here file-content.ts does all of it.
export {}
