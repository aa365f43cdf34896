namespace Graph.Bench;

/// <summary>Operands without meaning: small and of both signs.</summary>
internal static class MadeUp
{
    public static void Fill(Span<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (i * 7 % 31 - 15) / 16f;
        }
    }
}
