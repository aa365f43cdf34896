namespace Graph.Models.Puzzles;

/// <summary>A permutation of the ten colours.</summary>
/// <remarks>Four bits a colour: a full ARC build holds a million of these.</remarks>
public readonly record struct ColourMap
{
    private readonly ulong packed;

    /// <param name="colours">[10]: what colours 0 to 9 become.</param>
    /// <exception cref="GraphException">Not a permutation of 0 to 9.</exception>
    public ColourMap(ReadOnlySpan<byte> colours)
    {
        var seen = 0;
        for (var i = 0; i < colours.Length && i < ArcGrid.Colours; i++)
        {
            seen |= colours[i] < ArcGrid.Colours ? 1 << colours[i] : 0;
            packed |= (ulong)(colours[i] & 15) << (4 * i);
        }

        if (colours.Length != ArcGrid.Colours || seen != (1 << ArcGrid.Colours) - 1)
        {
            throw new GraphException($"colour map '{string.Join(',', colours.ToArray())}', expected a permutation of 0 to {ArcGrid.Colours - 1}");
        }
    }

    private ColourMap(ulong packed) => this.packed = packed;

    /// <summary>Every colour stays.</summary>
    public static ColourMap Identity { get; } = new(0x9876543210);

    /// <summary>What a colour becomes.</summary>
    public byte this[int colour] => (byte)(packed >> (4 * colour) & 15);

    /// <summary>The map that undoes this one.</summary>
    public ColourMap Inverse
    {
        get
        {
            ulong inverse = 0;
            for (var colour = 0; colour < ArcGrid.Colours; colour++)
            {
                inverse |= (ulong)colour << (4 * this[colour]);
            }

            return new ColourMap(inverse);
        }
    }

    /// <summary>Reads ten digits, digit i being what colour i becomes.</summary>
    public static bool TryParse(ReadOnlySpan<char> digits, out ColourMap map)
    {
        map = Identity;
        Span<byte> colours = stackalloc byte[ArcGrid.Colours];
        var seen = 0;
        if (digits.Length != colours.Length)
        {
            return false;
        }

        for (var i = 0; i < colours.Length; i++)
        {
            if (!char.IsAsciiDigit(digits[i]))
            {
                return false;
            }

            colours[i] = (byte)(digits[i] - '0');
            seen |= 1 << colours[i];
        }

        if (seen != (1 << ArcGrid.Colours) - 1)
        {
            return false;
        }

        map = new ColourMap(colours);
        return true;
    }

    /// <summary>Recolours cells in place.</summary>
    public void Apply(Span<byte> cells)
    {
        foreach (ref var cell in cells)
        {
            cell = this[cell];
        }
    }

    /// <summary>Ten digits.</summary>
    public override string ToString() => string.Create(ArcGrid.Colours, this, static (digits, map) =>
    {
        for (var i = 0; i < digits.Length; i++)
        {
            digits[i] = (char)('0' + map[i]);
        }
    });
}
