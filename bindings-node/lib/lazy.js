'use strict';

/** Keeps what a getter made, so that it is made once. */
exports.lazy = function lazy(object, name, value) {
  Object.defineProperty(object, name, { value, enumerable: true });
  return value;
};
