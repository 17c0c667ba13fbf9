//! Page shell, components, forms, languages, error pages, assets, route registration.
