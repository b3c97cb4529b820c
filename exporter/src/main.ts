import './start.js';
