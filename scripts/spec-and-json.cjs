// A mocha reporter: the readable one on the terminal, the JSON one into the file named by `output`.
const { reporters } = require('mocha');

module.exports = class SpecAndJson {
  constructor(runner, options) {
    new reporters.Spec(runner, options);
    this.json = new reporters.JSON(runner, options);
  }

  done(failures, exit) {
    if (this.json.done) this.json.done(failures, exit);
    else exit(failures);
  }
};
