// The browsers that the web app supports; `make lint` holds its code to them.
const compat = require('eslint-plugin-compat');

module.exports = [
  {
    ...compat.configs['flat/recommended'],
    files: ['public/**/*.js'],
    languageOptions: {ecmaVersion: 2023, sourceType: 'module'},
    settings: {targets: ['chrome >= 111', 'edge >= 111', 'firefox >= 115', 'safari >= 16.4', 'ios >= 16.4']},
    rules: {'compat/compat': 'error'},
  },
];
