//! How the visitor wants the screen: language, text size, contrast.
//!
//! It knows no words and no colours.

use serde::{Deserialize, Serialize};

/// Language of the screen; Turkish is the source text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// Türkçe
    #[default]
    Turkish,
    /// English
    English,
}

/// Size of all text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum TextSize {
    /// 100 %
    #[default]
    Normal,
    /// 125 %
    Large,
    /// 150 %
    Largest,
}

/// Theme of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Contrast {
    /// Light.
    #[default]
    Normal,
    /// Dark, high contrast.
    High,
}
