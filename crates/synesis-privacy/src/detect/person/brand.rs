//! Houses and makes that carry the name of a person.

/// Each as it is written, first name and surname.
#[rustfmt::skip]
const BRANDS: &[&str] = &[
    "Alexander McQueen", "Ben Sherman", "Calvin Klein", "Carl Zeiss", "Carolina Herrera", "Charles Schwab", "Charles Tyrwhitt",
    "Christian Dior", "Christian Louboutin", "Diane von Furstenberg", "Eli Lilly", "Elizabeth Arden", "Emporio Armani", "Estée Lauder",
    "Fred Perry", "Giorgio Armani", "Guy Laroche", "Harley Davidson", "Harry Winston", "Helena Rubinstein", "Hugo Boss", "Issey Miyake",
    "Jack Daniel", "Jack Wolfskin", "Jean Paul Gaultier", "Jim Beam", "Jimmy Choo", "John Deere", "John Lewis", "Johnnie Walker",
    "Johnny Walker", "Karl Lagerfeld", "Kate Spade", "Laura Ashley", "Louis Vuitton", "Marc Jacobs", "Marc O'Polo", "Marie Claire",
    "Mary Kay", "Max Factor", "Max Mara", "Mercedes Benz", "Michael Kors", "Morgan Stanley", "Nicolas Feuillatte", "Nina Ricci",
    "Oscar Mayer", "Patek Philippe", "Paul Mitchell", "Paul Smith", "Peter Pan", "Philip Morris", "Ralph Lauren", "Ray Ban",
    "Roberto Cavalli", "Robin Hood", "Salvatore Ferragamo", "Sam Adams", "Samuel Adams", "Sara Lee", "Stella Artois", "Stella McCartney",
    "Thomas Cook", "Tim Hortons", "Tom Ford", "Tom Tailor", "Tommy Hilfiger", "Vera Wang", "Victoria Secret", "Yves Rocher",
    "Yves Saint Laurent",
];

/// Whether a name is that of a house.
pub(super) fn is_brand(name: &str) -> bool {
    BRANDS.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brands_are_in_order_and_their_founders_kin_are_none() {
        assert!(BRANDS.is_sorted());
        assert!(is_brand("Louis Vuitton") && !is_brand("Louis Verne"));
    }
}
