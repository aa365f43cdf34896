using System.Globalization;
using Graph.Generator.Specs;
using Microsoft.CodeAnalysis;

namespace Graph.Generator.Reading;

/// <summary>Constructor arguments of an attribute by parameter name, defaults included.</summary>
internal static class AttributeValues
{
    public static IEnumerable<Argument> Of(AttributeData attribute)
    {
        var parameters = attribute.AttributeConstructor?.Parameters ?? [];
        for (var i = 0; i < parameters.Length && i < attribute.ConstructorArguments.Length; i++)
        {
            var value = attribute.ConstructorArguments[i];
            if (value.Kind == TypedConstantKind.Array || value.Value is null)
            {
                continue;
            }

            yield return new Argument(parameters[i].Name, Text(value), value.Value is string);
        }
    }

    public static string? Text(AttributeData attribute, string parameter) => Of(attribute).FirstOrDefault(a => a.Name == parameter)?.Value;

    public static IEnumerable<string> Strings(AttributeData attribute) =>
        attribute.ConstructorArguments.Where(a => a.Kind == TypedConstantKind.Array).SelectMany(a => a.Values).Select(v => v.Value as string ?? "");

    private static string Text(TypedConstant value) => value.Kind == TypedConstantKind.Enum
        ? value.Type!.GetMembers().OfType<IFieldSymbol>().First(f => f.HasConstantValue && f.ConstantValue!.Equals(value.Value)).Name
        : value.Value switch
        {
            bool b => b ? "true" : "false",
            double d => d.ToString("R", CultureInfo.InvariantCulture),
            float f => f.ToString("R", CultureInfo.InvariantCulture),
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            var other => other!.ToString(),
        };
}
