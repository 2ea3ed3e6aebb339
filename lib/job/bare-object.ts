/**
 * An object that inherits nothing: whatever it is asked for was put there. In a document with half a million of them one
 * takes 24 bytes, where one of `Object.create(null)` takes 184.
 */
export class BareObject<T> {
  [key: string]: T;
}

Reflect.deleteProperty(BareObject.prototype, 'constructor');
Object.setPrototypeOf(BareObject.prototype, null);
Object.freeze(BareObject.prototype);
