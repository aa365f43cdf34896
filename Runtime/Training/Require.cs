namespace Graph.Training;

/// <summary>Checks of numbers that people type.</summary>
internal static class Require
{
    /// <exception cref="GraphException">Not a number, or outside the range.</exception>
    public static void Range(string what, double value, double low, double high, bool upperInclusive = true)
    {
        if (!(value >= low && (upperInclusive ? value <= high : value < high)))
        {
            string bound = high == double.MaxValue ? "" : $" and {(upperInclusive ? "at most" : "below")} {high}";
            throw new GraphException($"The {what} is {value}; expected at least {low}{bound}.");
        }
    }
}
